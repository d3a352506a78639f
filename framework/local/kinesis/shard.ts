import { openAppendLog } from "../append-log.ts";
import type { Position } from "../source.ts";
import type { Sequence } from "./sequence.ts";

/** Records that may lie trimmed in memory before the rest is moved up. */
const TRIM_STEP = 1024;

export interface NewRecord {
	partitionKey: string;
	/** base64, as it came. */
	data: string;
}

export interface StoredRecord extends NewRecord {
	sequenceNumber: string;
	/** Epoch milliseconds; never falls within a shard. */
	arrivedAt: number;
}

/** A portion of a shard. `behind` is the record after it, if there is one. */
export interface Portion {
	records: StoredRecord[];
	next: Position;
	behind: StoredRecord | null;
}

export interface ShardLog {
	id: string;
	/** Appends in order and answers the sequence numbers; throws when they cannot be kept, and then none of them is. */
	append(records: readonly NewRecord[], now: number): string[];
	/** Up to `limit` records from a position on that arrived at `horizon` (epoch milliseconds) or later. */
	read(from: Position, limit: number, horizon: number): Portion;
	sequence: Sequence;
	close(): void;
}

export interface ShardOptions {
	id: string;
	sequence: Sequence;
	/** null = memory only. */
	file: string | null;
	/** Records that arrived before (epoch milliseconds) are out of the retention already. */
	horizon: number;
}

/** Line of a record in the shard's file. */
type Line = [place: number, arrivedAt: number, partitionKey: string, data: string];

const parseLine = (line: string): Line => JSON.parse(line);

/** A shard in memory, with a file behind it unless that is null. A record's place gives its index: no look-up grows with the shard. */
export function openShard({ id, sequence, file, horizon }: ShardOptions): ShardLog {
	const { lines, log } = openAppendLog(file, { obsolete: (all) => obsoleteLines(all, horizon) });
	const stored = lines.map(parseLine);
	/** Places before the first record in memory. */
	let gone = (stored[0]?.[0] ?? 1) - 1;
	let records = stored.map(
		([place, arrivedAt, partitionKey, data]): StoredRecord => ({
			partitionKey,
			data,
			sequenceNumber: sequence.at(place),
			arrivedAt,
		}),
	);
	let latest = records.at(-1)?.arrivedAt ?? 0;
	/** Index of the first record that is not trimmed. */
	let first = 0;

	const trim = (horizon: number): void => {
		while (first < records.length && (records[first]?.arrivedAt ?? 0) < horizon) first++;
		if (first < TRIM_STEP || first * 2 < records.length) return;
		records = records.slice(first);
		gone += first;
		first = 0;
	};
	const indexOf = (from: Position): number => {
		if (from.type === "TRIM_HORIZON") return first;
		if (from.type === "LATEST") return records.length;
		if (from.type === "AT_TIMESTAMP") return Math.max(first, firstAt(records, from.timestamp));
		return Math.min(Math.max(sequence.place(from.sequenceNumber) - gone, first), records.length);
	};
	const after = (index: number): Position => ({
		type: "AFTER_SEQUENCE_NUMBER",
		sequenceNumber: sequence.at(gone + index),
	});
	return {
		id,
		sequence,
		append(added, now) {
			const arrivedAt = Math.max(now, latest);
			const end = gone + records.length;
			const stamped = added.map(
				({ partitionKey, data }, index): StoredRecord => ({
					partitionKey,
					data,
					sequenceNumber: sequence.at(end + index + 1),
					arrivedAt,
				}),
			);
			log.append(
				added.map(({ partitionKey, data }, index) =>
					JSON.stringify([end + index + 1, arrivedAt, partitionKey, data] satisfies Line),
				),
			);
			latest = arrivedAt;
			for (const record of stamped) records.push(record);
			return stamped.map(({ sequenceNumber }) => sequenceNumber);
		},
		read(from, limit, horizon) {
			trim(horizon);
			const start = indexOf(from);
			const portion = records.slice(start, start + limit);
			const end = start + portion.length;
			// A time that has not come yet stays one: what arrives before it is not asked for.
			const waits = from.type === "AT_TIMESTAMP" && portion.length === 0;
			return { records: portion, next: waits ? from : after(end), behind: records[end] ?? null };
		},
		close: log.close,
	};
}

/** Rewriting a file is worth it when it halves; the last line stays, so that places go on from it. */
function obsoleteLines(lines: readonly string[], horizon: number): number {
	const live = lines.findIndex((line) => parseLine(line)[1] >= horizon);
	const expired = live === -1 ? lines.length : live;
	return expired * 2 > lines.length ? Math.min(expired, lines.length - 1) : 0;
}

/** Index of the first record that arrived at a time or later. */
function firstAt(records: readonly StoredRecord[], timestamp: number): number {
	let [low, high] = [0, records.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((records[middle]?.arrivedAt ?? 0) < timestamp) low = middle + 1;
		else high = middle;
	}
	return low;
}
