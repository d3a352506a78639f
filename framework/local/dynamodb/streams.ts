import type { ViewType } from "../../contract/dynamodb.ts";
import type { Clock } from "../clock.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Commits, Write } from "./commits.ts";
import { rowKeys, type Store, type TableRow } from "./store.ts";
import { loadStreams, newStream, recordKey, type Stream, type StreamShard, streamWrite } from "./stream.ts";
import { indexAtTime, type LogEntry } from "./stream-log.ts";
import { type Change, changesItem, streamRecord } from "./stream-record.ts";

export type { Stream, StreamShard } from "./stream.ts";

/** Records are kept for 24 hours, and a closed stream as long (DynamoDB developer guide, "Change data capture for DynamoDB Streams"). */
const RETENTION_MS = 24 * 60 * 60 * 1000;

/** DynamoDB's sequence numbers have 21 to 40 digits and rise with gaps. */
const FIRST_SEQUENCE = 10n ** 26n;
const SEQUENCE_STEP = 90_001n;

export interface StreamsOptions {
	store: Store;
	commits: Commits;
	changeLog: ChangeLog;
	clock: Clock;
	region: string;
	accountId: string;
	/** Shards of a new stream. On AWS it is one for each partition of the table. */
	shardCount: number;
}

/** What is to be written with a change, and what to do once it is. */
export interface Prepared {
	writes: Write[];
	committed(): void;
}

export interface Streams {
	/** Streams that can be read, oldest first. */
	list(): Stream[];
	find(arn: string): Stream | null;
	/** The stream that takes a table's changes now. */
	ofTable(table: string): Stream | null;
	/** A new stream under a new label; it takes changes once the writes are committed. */
	create(table: Pick<TableRow, "TableName" | "KeySchema">, viewType: ViewType): Prepared & { stream: Stream };
	/** Ends a stream: no more records, its shards close. */
	close(stream: Stream): Prepared;
	/** The record of a change, or null if the stream has none of it. To be written in the same turn of the event loop. */
	append(change: Change): Prepared | null;
	/** A record as Lambda hands it on, JSON. */
	record(stream: Stream, shard: StreamShard, entry: LogEntry): string;
	/** Drops what is past its retention. */
	trim(): void;
}

/** Every stream of every table; what was in the database is there again. */
export async function openStreams(options: StreamsOptions): Promise<Streams> {
	const { store, commits, changeLog, clock } = options;
	const streams = new Map<string, Stream>();
	const active = new Map<string, Stream>();
	for (const stream of await loadStreams(store)) {
		streams.set(stream.arn, stream);
		if (stream.closedAt === null) active.set(stream.table, stream);
	}
	let last = lastSequence(streams.values());
	const nextSequence = (): string => {
		last += SEQUENCE_STEP;
		return last.toString();
	};

	const trimStream = (stream: Stream, horizon: number): Write[] => {
		const writes = stream.shards.flatMap((shard) => trimShard(stream, shard, horizon));
		if (
			stream.closedAt !== null &&
			stream.closedAt < horizon &&
			stream.shards.every((each) => each.entries.length === 0)
		) {
			streams.delete(stream.arn);
			return [...writes, { type: "del", key: rowKeys.stream(stream.table, stream.label) }];
		}
		return writes.length > 0 ? [...writes, streamWrite(stream)] : [];
	};
	return {
		list: () => [...streams.values()].sort((a, b) => a.createdAt - b.createdAt),
		find: (arn) => streams.get(arn) ?? null,
		ofTable: (table) => active.get(table) ?? null,
		create(table, viewType) {
			const stream = newStream({
				...options,
				table,
				viewType,
				createdAt: clock.now(),
				nextSequence,
				exists: (arn) => streams.has(arn),
			});
			return {
				stream,
				writes: [streamWrite(stream)],
				committed() {
					streams.set(stream.arn, stream);
					active.set(stream.table, stream);
				},
			};
		},
		close(stream) {
			// From here on nothing is appended; what was is committed before this.
			active.delete(stream.table);
			const closed = {
				closedAt: clock.now(),
				shards: stream.shards.map((shard) => ({ ...shard, endingSequence: nextSequence() })),
			};
			return {
				writes: [streamWrite({ ...stream, ...closed })],
				committed() {
					stream.closedAt = closed.closedAt;
					for (const [index, shard] of stream.shards.entries())
						shard.endingSequence = closed.shards[index]?.endingSequence ?? null;
					notify(stream);
				},
			};
		},
		append(change) {
			const stream = active.get(change.table);
			const shard = stream && shardOf(stream, change.key);
			if (!shard || !changesItem(change)) return null;
			const entry = { sequence: nextSequence(), arrivedAt: clock.now() };
			const record = streamRecord(change, {
				streamArn: stream.arn,
				region: options.region,
				keyNames: stream.keySchema.map(({ AttributeName }) => AttributeName),
				viewType: stream.viewType,
				...entry,
			});
			return {
				writes: [
					{ type: "put", key: recordKey(stream, shard, entry), value: JSON.stringify(record), valueEncoding: "utf8" },
					changeLog.note(stream.table, record.eventID, entry),
				],
				committed() {
					shard.entries.push(entry);
					notify(stream);
				},
			};
		},
		record(stream, shard, entry) {
			return store.db.getSync(recordKey(stream, shard, entry), { valueEncoding: "utf8" }) as string;
		},
		trim() {
			const horizon = clock.now() - RETENTION_MS;
			const writes = [...streams.values()].flatMap((stream) => trimStream(stream, horizon));
			// Trimming again after a failure does no harm.
			if (writes.length > 0) commits.write(writes).catch(() => {});
		},
	};
}

/** The highest number ever given away that anybody can have seen. */
function lastSequence(streams: Iterable<Stream>): bigint {
	let last = FIRST_SEQUENCE;
	for (const { shards } of streams)
		for (const { startingSequence, endingSequence, trimmedTo, entries } of shards)
			for (const sequence of [startingSequence, endingSequence, trimmedTo, entries.at(-1)?.sequence])
				if (sequence && BigInt(sequence) > last) last = BigInt(sequence);
	return last;
}

/** By the hash of the partition key, whose first three hexadecimal digits begin the item's key. */
function shardOf(stream: Stream, key: string): StreamShard | undefined {
	return stream.shards[Math.floor((Number.parseInt(key.slice(0, 3), 16) * stream.shards.length) / 4096)];
}

function trimShard(stream: Stream, shard: StreamShard, horizon: number): Write[] {
	const old = shard.entries.splice(0, indexAtTime(shard.entries, horizon));
	const newest = old.at(-1);
	if (newest) shard.trimmedTo = newest.sequence;
	return old.map((entry) => ({ type: "del", key: recordKey(stream, shard, entry) }));
}

/** In a turn of its own: what a watcher throws is not the writer's. */
function notify({ watchers }: Stream): void {
	for (const watcher of watchers) queueMicrotask(watcher);
}
