import type { ShardedSource } from "../source.ts";
import { readShard } from "./shard-position.ts";
import type { Stream, Streams } from "./streams.ts";

/** The streams as event source mappings read them, in process. */
export function streamsSource(streams: Streams): ShardedSource {
	const find = (arn: string): Stream => {
		const stream = streams.find(arn);
		if (!stream) throw new Error(`there is no stream ${arn}`);
		return stream;
	};
	return {
		// A shard of ours never splits: the table's partitions stay.
		shards: (arn) => find(arn).shards.map(({ id }) => ({ id, parents: [] })),
		read(arn, shardId, from, limit) {
			streams.trim();
			const stream = find(arn);
			const shard = stream.shards.find(({ id }) => id === shardId);
			if (!shard) throw new Error(`stream ${arn} has no shard ${shardId}`);
			const { entries, next, closed } = readShard(shard, from, limit);
			const records = entries.map((entry) => ({
				sequenceNumber: entry.sequence,
				arrivedAt: entry.arrivedAt,
				json: streams.record(stream, shard, entry),
			}));
			return { records, next, closed };
		},
		watch(arn, callback) {
			const { watchers } = find(arn);
			watchers.add(callback);
			return () => void watchers.delete(callback);
		},
	};
}
