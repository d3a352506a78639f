import { randomBytes } from "node:crypto";
import type { ViewType } from "../../contract/dynamodb.ts";
import type { Write } from "./commits.ts";
import { readRows, rowKeys, type Store, type TableRow } from "./store.ts";
import { type LogEntry, padSequence } from "./stream-log.ts";

interface ShardRow {
	id: string;
	startingSequence: string;
	endingSequence: string | null;
	/** Highest sequence number that was trimmed. */
	trimmedTo: string | null;
}

interface StreamRow {
	table: string;
	label: string;
	arn: string;
	viewType: ViewType;
	keySchema: TableRow["KeySchema"];
	/** Epoch milliseconds. */
	createdAt: number;
	closedAt: number | null;
	shards: ShardRow[];
}

export interface StreamShard extends ShardRow {
	/** What can be read, oldest first. */
	entries: LogEntry[];
}

export interface Stream extends StreamRow {
	shards: StreamShard[];
	watchers: Set<() => void>;
}

const recordPrefix = ({ table, label }: StreamRow, { id }: ShardRow): string => `record~${table}~${label}~${id}~`;

/** In the order of the shard; the time of arrival is in the key, so that a start reads keys alone. */
export function recordKey(stream: StreamRow, shard: ShardRow, { sequence, arrivedAt }: LogEntry): string {
	return `${recordPrefix(stream, shard)}${padSequence(sequence)}~${arrivedAt}`;
}

/** What the database holds of all streams. */
export async function loadStreams(store: Store): Promise<Stream[]> {
	const streams: Stream[] = [];
	for await (const [, row] of readRows<StreamRow>(store, "stream~")) {
		const shards = await Promise.all(
			row.shards.map(async (shard) => ({ ...shard, entries: await loadEntries(store, recordPrefix(row, shard)) })),
		);
		streams.push({ ...row, shards, watchers: new Set() });
	}
	return streams;
}

async function loadEntries(store: Store, prefix: string): Promise<LogEntry[]> {
	const entries: LogEntry[] = [];
	for await (const key of store.db.keys({ gte: prefix, lt: `${prefix}\uffff` })) {
		const [sequence = "", arrivedAt] = key.slice(prefix.length).split("~");
		entries.push({ sequence: BigInt(sequence).toString(), arrivedAt: Number(arrivedAt) });
	}
	return entries;
}

export interface NewStream {
	table: Pick<TableRow, "TableName" | "KeySchema">;
	viewType: ViewType;
	region: string;
	accountId: string;
	/** Epoch milliseconds. */
	createdAt: number;
	shardCount: number;
	nextSequence(): string;
	/** Whether a stream has the ARN. */
	exists(arn: string): boolean;
}

/** An empty stream under a label of its own: one that is enabled again is another stream. */
export function newStream({ createdAt, viewType, region, accountId, ...rest }: NewStream): Stream {
	const { TableName: table, KeySchema: keySchema } = rest.table;
	const arnOf = (label: string): string => `arn:aws:dynamodb:${region}:${accountId}:table/${table}/stream/${label}`;
	let time = createdAt;
	// A label is a time to the millisecond, unique for its table.
	while (rest.exists(arnOf(labelOf(time)))) time += 1;
	const shards = Array.from({ length: rest.shardCount }, () => ({
		id: `shardId-${String(createdAt).padStart(20, "0")}-${randomBytes(4).toString("hex")}`,
		startingSequence: rest.nextSequence(),
		endingSequence: null,
		trimmedTo: null,
		entries: [],
	}));
	const label = labelOf(time);
	return {
		table,
		label,
		arn: arnOf(label),
		viewType,
		keySchema,
		createdAt,
		closedAt: null,
		shards,
		watchers: new Set(),
	};
}

function labelOf(time: number): string {
	return new Date(time).toISOString().replace("Z", "");
}

/** Stores what is known of a stream, without its records. */
export function streamWrite({ watchers: _, ...stream }: Stream): Write {
	const row: StreamRow = { ...stream, shards: stream.shards.map(({ entries: _, ...shard }) => shard) };
	return { type: "put", key: rowKeys.stream(stream.table, stream.label), value: row };
}
