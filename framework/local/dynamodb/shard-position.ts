import type { Position } from "../source.ts";
import { indexAfter, indexAtTime, type LogEntry } from "./stream-log.ts";
import type { StreamShard } from "./streams.ts";

/** Entries of a shard from a position on, and the position after them. */
export function readShard(
	shard: StreamShard,
	from: Position,
	limit: number,
): { entries: LogEntry[]; next: Position; closed: boolean } {
	const start = indexOf(shard, from);
	const entries = shard.entries.slice(start, start + limit);
	return {
		entries,
		next: entries.length > 0 ? after(entries.at(-1)?.sequence, from) : from.type === "LATEST" ? end(shard) : from,
		closed: shard.endingSequence !== null && start + entries.length >= shard.entries.length,
	};
}

/** Behind everything that can be read now. */
export function end(shard: StreamShard): Position {
	return after(shard.entries.at(-1)?.sequence ?? shard.trimmedTo ?? shard.startingSequence, { type: "TRIM_HORIZON" });
}

function after(sequenceNumber: string | undefined, otherwise: Position): Position {
	return sequenceNumber === undefined ? otherwise : { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber };
}

function indexOf({ entries }: StreamShard, from: Position): number {
	switch (from.type) {
		case "TRIM_HORIZON":
			return 0;
		case "LATEST":
			return entries.length;
		case "AT_TIMESTAMP":
			return indexAtTime(entries, from.timestamp);
		case "AFTER_SEQUENCE_NUMBER":
			return indexAfter(entries, from.sequenceNumber);
	}
}
