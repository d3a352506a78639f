import type { ShardedSource, SourceEvent } from "../source.ts";
import type { StoredRecord } from "./shard.ts";
import type { Stream, StreamStore } from "./store.ts";

/** Streams as event source mappings read them: records as members of a Lambda event. */
export function kinesisSource(
	store: StreamStore,
	{ region, accountId }: { region: string; accountId: string },
): ShardedSource {
	const streamOf = (arn: string): Stream => {
		const stream = store.find(arn);
		if (!stream) throw new Error(`the Kinesis stream ${arn} does not exist`);
		return stream;
	};
	const place = { invokeIdentityArn: `arn:aws:iam::${accountId}:role/local`, awsRegion: region };
	return {
		shards: (arn) => streamOf(arn).shards.map(({ id }) => ({ id, parents: [] })),
		read(arn, shardId, from, limit) {
			const stream = streamOf(arn);
			const shard = stream.shards.find(({ id }) => id === shardId);
			if (!shard) throw new Error(`the Kinesis stream ${arn} has no shard ${shardId}`);
			const { records, next } = shard.read(from, limit, stream.horizon());
			return {
				records: records.map((record) => kinesisEvent(record, shardId, { ...place, eventSourceARN: arn })),
				next,
				closed: false,
			};
		},
		watch(arn, callback) {
			const { watchers } = streamOf(arn);
			// A function of its own: two may watch with the same callback.
			const watcher = (): void => callback();
			watchers.add(watcher);
			return () => watchers.delete(watcher);
		},
	};
}

/** Lambda developer guide, "Using Lambda with Kinesis Data Streams". */
export function kinesisEvent(
	{ sequenceNumber, arrivedAt, partitionKey, data }: StoredRecord,
	shardId: string,
	place: object,
): SourceEvent {
	const json = JSON.stringify({
		kinesis: {
			kinesisSchemaVersion: "1.0",
			partitionKey,
			sequenceNumber,
			data,
			approximateArrivalTimestamp: arrivedAt / 1000,
		},
		eventSource: "aws:kinesis",
		eventVersion: "1.0",
		eventID: `${shardId}:${sequenceNumber}`,
		eventName: "aws:kinesis:record",
		...place,
	});
	return { sequenceNumber, arrivedAt, json };
}
