import { createKey, validateItem, validateKey } from "dynalite/db/index.js";
import { AwsError, type JsonInput, type JsonOperations } from "../aws-json.ts";
import type { Write } from "./commits.ts";
import type { Context } from "./context.ts";
import { act, type DynaliteOperation, validate } from "./dynalite-operations.ts";
import { objectIn, validationError } from "./input.ts";
import { holdItems } from "./item-locks.ts";
import { findTable, type Item, overlayItems, rowKeys, type Store } from "./store.ts";
import type { Change } from "./stream-record.ts";
import { openTokens } from "./tokens.ts";
import { CONDITION_FAILED, observeItem } from "./write-item.ts";

/** DynamoDB API reference, TransactWriteItems and TransactGetItems. */
const MAX_ACTIONS = 100;

/** What carries out each action. A check is a delete under the same condition whose writes are forgotten. */
const ACTIONS = {
	Put: "PutItem",
	Update: "UpdateItem",
	Delete: "DeleteItem",
	ConditionCheck: "DeleteItem",
	Get: "GetItem",
} as const satisfies Record<string, DynaliteOperation>;
type ActionName = keyof typeof ACTIONS;

interface Action {
	name: ActionName;
	data: Record<string, unknown>;
	/** Answer a failed condition with the item. */
	returnItem: boolean;
	table: string;
	/** The item's key in the database; null if the request's is not one, which carrying it out will say. */
	key: string | null;
}

interface Outcome {
	output: object;
	changes: Change[];
	writes: Write[];
	reason: { Code: string; Message?: string; Item?: Item };
}

export async function transactionOperations(context: Context): Promise<JsonOperations> {
	const tokens = await openTokens(context.store, context.clock);
	return {
		async TransactWriteItems({ ClientRequestToken: token, ...input }) {
			const actions = await readActions(context.store, input, ["Put", "Update", "Delete", "ConditionCheck"]);
			if (typeof token !== "string") return writeAll(context, actions, []);
			const request = JSON.stringify(input);
			if (tokens.isDone(token, request)) return {};
			return tokens.hold(token, request, (writes) => writeAll(context, actions, writes));
		},
		async TransactGetItems(input) {
			const actions = await readActions(context.store, input, ["Get"]);
			const outcomes = await holdItems(context.store, actions, () => carryOut(context.store, actions));
			return { Responses: outcomes.map(({ output }) => ("Item" in output ? { Item: output.Item } : {})) };
		},
	};
}

/** All or nothing: every item is locked while every action is tried, and one batch holds what they write. */
async function writeAll({ store, changes }: Context, actions: Action[], writes: Write[]): Promise<object> {
	await holdItems(store, actions, async () => {
		const outcomes = await carryOut(store, actions);
		await changes.commit(
			outcomes.flatMap((outcome) => outcome.changes),
			[...writes, ...outcomes.flatMap((outcome) => outcome.writes)],
		);
	});
	return {};
}

async function carryOut(store: Store, actions: readonly Action[]): Promise<Outcome[]> {
	const outcomes = await Promise.all(actions.map((action) => tryAction(store, action)));
	const reasons = outcomes.map(({ reason }) => reason);
	if (reasons.every(({ Code }) => Code === "None")) return outcomes;
	const codes = reasons.map(({ Code }) => Code).join(", ");
	throw new AwsError(
		"TransactionCanceledException",
		`Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
		400,
		{ CancellationReasons: reasons },
	);
}

async function tryAction(store: Store, { name, data, returnItem }: Action): Promise<Outcome> {
	const buffered = bufferWrites(store);
	const observed = observeItem(buffered.store);
	try {
		const output = await act(observed.store, ACTIONS[name], data);
		const { changes, writes } = name === "ConditionCheck" ? { changes: [], writes: [] } : buffered;
		return { output, changes, writes, reason: { Code: "None" } };
	} catch (error) {
		if (!(error instanceof AwsError) || error.code === "ResourceNotFoundException") throw error;
		const Code = error.code === CONDITION_FAILED ? "ConditionalCheckFailed" : "ValidationError";
		const Item = returnItem && Code === "ConditionalCheckFailed" ? observed.item() : undefined;
		return { output: {}, changes: [], writes: [], reason: { Code, Message: error.message, ...(Item && { Item }) } };
	}
}

/** The store for one action of a transaction that holds the locks: what the action writes is kept back. */
function bufferWrites(store: Store): { store: Store; changes: Change[]; writes: Write[] } {
	const changes: Change[] = [];
	const writes: Write[] = [];
	const items = overlayItems(store, (inner, table) => {
		const keep = (key: string, after: Item | undefined, done: (error: Error | null) => void): void =>
			inner.get(key, (error, before) => {
				if (!error) changes.push({ table, key, before, after });
				done(error);
			});
		return {
			lock: (_, hold) => hold((done) => done),
			put: (key, item, done) => keep(key, item, done),
			del: (key, done) => keep(key, undefined, done),
		};
	});
	const getIndexDb: Store["getIndexDb"] = (type, table, index) => {
		const keep = (write: Write, done: (error: Error | null) => void): void => {
			writes.push(write);
			done(null);
		};
		return Object.assign(Object.create(store.getIndexDb(type, table, index)), {
			put: (key: string, value: Item, done: () => void) =>
				keep({ type: "put", key: rowKeys.index(type, table, index, key), value }, done),
			del: (key: string, done: () => void) => keep({ type: "del", key: rowKeys.index(type, table, index, key) }, done),
		});
	};
	return { store: { ...items, getIndexDb }, changes, writes };
}

async function readActions(store: Store, input: JsonInput, allowed: readonly ActionName[]): Promise<Action[]> {
	const { TransactItems: items } = input;
	if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ACTIONS)
		throw validationError(`TransactItems holds 1 to ${MAX_ACTIONS} actions.`);
	const actions = await Promise.all(items.map((item: JsonInput) => readAction(store, item, allowed)));
	const ids = actions.filter(({ key }) => key !== null).map(({ table, key }) => `${table}~${key}`);
	if (new Set(ids).size < ids.length)
		throw validationError("Transaction request cannot include multiple operations on one item");
	return actions;
}

async function readAction(store: Store, item: JsonInput, allowed: readonly ActionName[]): Promise<Action> {
	const names = allowed.filter((name) => item?.[name] !== undefined);
	const [name] = names;
	if (!name || names.length > 1)
		throw validationError(`TransactItems can only contain one of ${allowed.join(", ")} in each member`);
	const input = objectIn(item, name);
	const data = validate(store, ACTIONS[name], input);
	const table = String(data.TableName);
	const row = await findTable(store, table);
	if (!row) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
	const subject = (data.Item ?? data.Key) as Item;
	const invalid = data.Item ? validateItem(subject, row) : validateKey(subject, row);
	return {
		name,
		data,
		returnItem: input.ReturnValuesOnConditionCheckFailure === "ALL_OLD",
		table,
		key: invalid ? null : createKey(subject, row),
	};
}
