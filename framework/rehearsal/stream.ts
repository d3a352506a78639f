import type { ShardedSource, SourceEvent } from "../local/source.ts";

export interface RehearsalStream extends ShardedSource {
	push(event: SourceEvent): void;
}

const SHARD = "shardId-000000000000";

/** A stream of one shard in memory. No two records have one sequence number. */
export function createStream(): RehearsalStream {
	const events: SourceEvent[] = [];
	const watchers = new Set<() => void>();
	return {
		push(event) {
			events.push(event);
			for (const watcher of watchers) watcher();
		},
		shards: () => [{ id: SHARD, parents: [] }],
		read(_arn, _shardId, from, limit) {
			// By place: fixtures come with numbers of any stream.
			const after = from.type === "AFTER_SEQUENCE_NUMBER" ? from.sequenceNumber : null;
			const start = after === null ? 0 : events.findIndex(({ sequenceNumber }) => sequenceNumber === after) + 1;
			const records = events.slice(start, start + limit);
			const last = records.at(-1);
			const next = last ? ({ type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: last.sequenceNumber } as const) : from;
			return { records, next, closed: false };
		},
		watch(_arn, callback) {
			const watcher = (): void => callback();
			watchers.add(watcher);
			return () => watchers.delete(watcher);
		},
	};
}
