import { setImmediate as nextTurn } from "node:timers/promises";
import { AwsError, type JsonInput, type JsonOperations } from "../aws-json.ts";
import type { Write } from "./commits.ts";
import type { Context } from "./context.ts";
import { act, perform, validate } from "./dynalite-operations.ts";
import { tableIn, textIn, validationError } from "./input.ts";
import { findTable, rowKeys, type Store, type TableRow } from "./store.ts";
import type { Prepared } from "./streams.ts";
import { describedSettings, describedStream, requestedView } from "./table-description.ts";

/** Creating, changing and deleting tables, with what dynalite leaves out: streams and settings. One at a time. */
export function tableOperations(context: Context): JsonOperations {
	let last: Promise<unknown> = Promise.resolve();
	const inTurn = (operation: (context: Context, input: JsonInput) => Promise<object>) => (input: JsonInput) => {
		const turn = last.then(() => operation(context, input));
		last = turn.catch(() => {});
		return turn;
	};
	return {
		CreateTable: inTurn(createTable),
		UpdateTable: inTurn(updateTable),
		DeleteTable: inTurn(deleteTable),
	};
}

async function createTable({ store, commits, streams }: Context, input: JsonInput): Promise<object> {
	const data = validate(store, "CreateTable", input) as TableRow;
	const view = requestedView(input);
	if (await findTable(store, data.TableName))
		throw new AwsError("ResourceInUseException", `Table already exists: ${data.TableName}`);
	const created = view ? streams.create(data, view) : null;
	if (created) await commits.write(created.writes, created.committed);
	Object.assign(data, { DeletionProtectionEnabled: false }, describedSettings(input));
	if (created) Object.assign(data, describedStream(created.stream));
	const answer = snapshot(await act(store, "CreateTable", data));
	await settled(store, data.TableName);
	if (Array.isArray(input.Tags) && input.Tags.length > 0)
		await perform(store, "TagResource", { ResourceArn: data.TableArn, Tags: input.Tags });
	return answer;
}

/** What dynalite changes of a table itself. */
const CAPACITY_MEMBERS = ["ProvisionedThroughput", "BillingMode", "GlobalSecondaryIndexUpdates"];

async function updateTable(context: Context, input: JsonInput): Promise<object> {
	const { store, commits } = context;
	const { TableName } = await tableIn(store, input);
	const view = requestedView(input);
	checkIndexUpdates(input);
	const changed = view === undefined ? null : changeStream(context, await tableIn(store, input), view);
	if (CAPACITY_MEMBERS.some((name) => input[name] !== undefined) || Object.keys(input).length === 1) {
		await perform(store, "UpdateTable", input);
		await settled(store, TableName);
	}
	const { StreamSpecification, ...table } = await tableIn(store, input);
	const row = {
		...table,
		// A disabled stream is described by its ARN and label alone.
		...(view === undefined && StreamSpecification !== undefined && { StreamSpecification }),
		...describedSettings(input),
		...changed?.described,
	};
	await commits.write(
		[{ type: "put", key: rowKeys.table(TableName), value: row }, ...(changed?.prepared.writes ?? [])],
		changed?.prepared.committed,
	);
	return { TableDescription: { ...row, TableStatus: "UPDATING" } };
}

function changeStream(
	{ streams }: Context,
	table: TableRow,
	view: ReturnType<typeof requestedView> & unknown,
): { prepared: Prepared; described: object } {
	const current = streams.ofTable(table.TableName);
	if (view === null || view === undefined) {
		if (!current) throw validationError(`Table has no enabled stream: TableName: ${table.TableName}`);
		return { prepared: streams.close(current), described: {} };
	}
	if (current) throw validationError(`Table already has an enabled stream: TableName: ${table.TableName}`);
	const created = streams.create(table, view);
	return { prepared: created, described: describedStream(created.stream) };
}

function checkIndexUpdates({ GlobalSecondaryIndexUpdates: updates }: JsonInput): void {
	if (Array.isArray(updates) && updates.some((update) => !update?.Update))
		throw validationError(
			"An index cannot be added to or taken from a table here. Create the table anew with its indexes.",
		);
}

async function deleteTable({ store, commits, streams, settings }: Context, input: JsonInput): Promise<object> {
	const { TableName, DeletionProtectionEnabled } = await tableIn(store, input);
	if (DeletionProtectionEnabled === true)
		throw validationError(
			"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
		);
	const answer = snapshot(await perform(store, "DeleteTable", { TableName: textIn(input, "TableName") }));
	const stream = streams.ofTable(TableName);
	const closed = stream && streams.close(stream);
	const writes: Write[] = [settings.drop(TableName), ...(closed?.writes ?? [])];
	await commits.write(writes, closed?.committed);
	await settled(store, TableName);
	return answer;
}

/**
 * What a run that was killed left half done: dynalite ends creating, changing and deleting a table in a later turn, and a
 * stream is written before the table that it belongs to.
 */
export async function recoverTables({ store, commits, streams }: Context, tables: readonly TableRow[]): Promise<void> {
	for (const table of tables) {
		if (table.TableStatus === "DELETING") await perform(store, "DeleteTable", { TableName: table.TableName });
		else if (table.TableStatus !== "ACTIVE") {
			const indexes = table.GlobalSecondaryIndexes?.map((index) => ({ ...index, IndexStatus: "ACTIVE" }));
			const value = { ...table, TableStatus: "ACTIVE", ...(indexes && { GlobalSecondaryIndexes: indexes }) };
			await commits.write([{ type: "put", key: rowKeys.table(table.TableName), value }]);
		}
	}
	const owned = new Set(
		tables.filter(({ TableStatus }) => TableStatus !== "DELETING").map(({ LatestStreamArn }) => LatestStreamArn),
	);
	for (const stream of streams.list())
		if (stream.closedAt === null && !owned.has(stream.arn)) {
			const closed = streams.close(stream);
			await commits.write(closed.writes, closed.committed);
		}
}

/** dynalite goes on with its answer as the table becomes active. */
function snapshot(answer: object): object {
	return JSON.parse(JSON.stringify(answer));
}

/** Resolves when dynalite is done with a table, so that the next request finds it ready, or gone. */
async function settled(store: Store, name: string): Promise<void> {
	for (;;) {
		const table = await findTable(store, name);
		if (!table || table.TableStatus === "ACTIVE") return;
		await nextTurn();
	}
}
