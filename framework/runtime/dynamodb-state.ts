import {
	type AttributeValue,
	BatchGetItemCommand,
	type BatchGetItemCommandOutput,
	DynamoDBClient,
	GetItemCommand,
	UpdateItemCommand,
	type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { ClientOf } from "../contract/deliver.ts";
import { type KeyState, type Progress, type Quarantine, type StateKey, type StateStore, stateName } from "./state.ts";

/** The row that says whether a scope has any other rows. No state name is without a slash. */
const MARKER = "marker";

/** BatchGetItem takes 100 keys (DynamoDB API reference). */
const KEYS_A_CALL = 100;
const ATTEMPTS = 8;
const BACKOFF_MILLISECONDS = 50;

/** Room between the end of a row's use and the marker's. */
const MARKER_SLACK_SECONDS = 3600;

type Row = Record<string, AttributeValue>;

interface Options {
	client: ClientOf;
	table: string;
	scope: string;
	now(): number;
	sleep(milliseconds: number): Promise<void>;
}

/**
 * State in the environment's table. One consistent read of the marker an invocation; rows are looked up only while it is set.
 * The marker is written before any row, so that a row is never there unseen.
 */
export function createDynamodbState(options: Options): StateStore {
	const { scope, now } = options;
	const table = tableOf(options);
	const mark = (expiresAt: number | null): Promise<void> => table.update(MARKER, markerUpdate(expiresAt));
	return {
		async read(keys) {
			const marker = await table.get(MARKER);
			// DynamoDB's TTL deletes within days, not at the second.
			const expired = marker?.expiresAt?.N !== undefined && Number(marker.expiresAt.N) * 1000 <= now();
			if (!marker || expired) return new Map();
			return table.getAll([...new Set(keys.map(stateName))].map((row) => rowKey(scope, row)));
		},
		async quarantine(key, quarantine) {
			await mark(null);
			await table.update(stateName(key), quarantineUpdate(quarantine));
		},
		async progress(key: StateKey, progress, lifetimeSeconds) {
			const expiresAt = Math.ceil(now() / 1000) + lifetimeSeconds;
			await mark(progress.quarantined ? null : expiresAt + MARKER_SLACK_SECONDS);
			await table.update(stateName(key), progressUpdate(progress, expiresAt));
		},
	};
}

type Update = Pick<
	UpdateItemCommandInput,
	"UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues" | "ExpressionAttributeNames"
>;

const rowKey = (scope: string, row: string): Row => ({ scope: { S: scope }, row: { S: row } });

/** A marker only ever lasts longer; one without an end stands for a quarantine. */
function markerUpdate(expiresAt: number | null): Update {
	if (expiresAt === null)
		return {
			UpdateExpression: "SET lasting = :true REMOVE expiresAt",
			ExpressionAttributeValues: { ":true": { BOOL: true } },
		};
	return {
		UpdateExpression: "SET expiresAt = :expiresAt",
		ConditionExpression:
			"attribute_not_exists(lasting) AND (attribute_not_exists(expiresAt) OR expiresAt < :expiresAt)",
		ExpressionAttributeValues: { ":expiresAt": { N: String(expiresAt) } },
	};
}

function quarantineUpdate(quarantine: Quarantine): Update {
	return {
		UpdateExpression: "SET quarantine = if_not_exists(quarantine, :quarantine) REMOVE expiresAt",
		ExpressionAttributeValues: { ":quarantine": { S: JSON.stringify(quarantine) } },
	};
}

/** Refused where a quarantine stands that this invocation does not know of, or where a later record is already done. */
function progressUpdate({ failure, deliveredThrough, quarantined }: Progress, expiresAt: number): Update {
	const sets: [string, AttributeValue][] = [];
	if (failure) sets.push(["failure", { S: JSON.stringify(failure) }]);
	if (deliveredThrough) sets.push(["deliveredThrough", { S: deliveredThrough }]);
	if (!quarantined) sets.push(["expiresAt", { N: String(expiresAt) }]);
	const conditions: string[] = [];
	if (!quarantined) conditions.push("attribute_not_exists(quarantine)");
	if (deliveredThrough)
		conditions.push("(attribute_not_exists(deliveredThrough) OR deliveredThrough <= :deliveredThrough)");
	return {
		UpdateExpression: `SET ${sets.map(([name]) => `${name} = :${name}`).join(", ")}`,
		...(conditions.length > 0 ? { ConditionExpression: conditions.join(" AND ") } : {}),
		ExpressionAttributeValues: Object.fromEntries(sets.map(([name, value]) => [`:${name}`, value])),
	};
}

function stateOf(row: Row): KeyState {
	return {
		...(row.failure?.S ? { failure: JSON.parse(row.failure.S) } : {}),
		...(row.quarantine?.S ? { quarantine: JSON.parse(row.quarantine.S) } : {}),
		...(row.deliveredThrough?.S ? { deliveredThrough: row.deliveredThrough.S } : {}),
	};
}

/** The three calls, each of the whole scope. */
function tableOf({ client, table, scope, sleep }: Options) {
	const dynamodb = client(DynamoDBClient);
	const getSome = async (keys: Row[]): Promise<Row[]> => {
		const found: Row[] = [];
		let wanted = keys;
		for (let attempt = 0; wanted.length > 0; attempt++) {
			if (attempt === ATTEMPTS) throw new Error(`Table ${table} left ${wanted.length} keys unread.`);
			if (attempt > 0) await sleep(BACKOFF_MILLISECONDS * 2 ** attempt);
			const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } });
			const answer: BatchGetItemCommandOutput = await dynamodb.send(command);
			found.push(...(answer.Responses?.[table] ?? []));
			wanted = (answer.UnprocessedKeys?.[table]?.Keys ?? []) as Row[];
		}
		return found;
	};
	return {
		async get(row: string): Promise<Row | undefined> {
			const command = new GetItemCommand({ TableName: table, Key: rowKey(scope, row), ConsistentRead: true });
			return (await dynamodb.send(command)).Item;
		},
		async getAll(keys: Row[]): Promise<Map<string, KeyState>> {
			const states = new Map<string, KeyState>();
			for (let start = 0; start < keys.length; start += KEYS_A_CALL)
				for (const row of await getSome(keys.slice(start, start + KEYS_A_CALL)))
					if (row.row?.S) states.set(row.row.S, stateOf(row));
			return states;
		},
		/** A condition that does not hold means that something stronger stands there: that is no failure. */
		async update(row: string, update: Update): Promise<void> {
			try {
				await dynamodb.send(new UpdateItemCommand({ TableName: table, Key: rowKey(scope, row), ...update }));
			} catch (error) {
				if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
			}
		},
	};
}
