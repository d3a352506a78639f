import type { JsonInput, JsonOperations } from "../aws-json.ts";
import type { Position } from "../source.ts";
import { invalidArgument, oneOf, requiredText, wholeNumber } from "./input.ts";
import { parseIterator, writeIterator } from "./iterator.ts";
import { refuseDryRun } from "./put-operations.ts";
import type { ShardLog, StoredRecord } from "./shard.ts";
import { notFound, type Stream, type StreamStore } from "./store.ts";

/** Kinesis API reference, GetRecords: records and bytes of one answer. */
const MAX_RECORDS = 10_000;
const MAX_BYTES = 10 * 1024 * 1024;

const ITERATOR_TYPES = [
	"AT_SEQUENCE_NUMBER",
	"AFTER_SEQUENCE_NUMBER",
	"TRIM_HORIZON",
	"LATEST",
	"AT_TIMESTAMP",
] as const;

/** Reading, as any client does; event source mappings read in process instead. */
export function getOperations(store: StreamStore): JsonOperations {
	return {
		GetShardIterator(input) {
			const stream = store.named(input);
			const shard = shardOf(stream, requiredText(input, "ShardId"));
			const asked = positionOf(input, stream, shard);
			refuseDryRun(input);
			// Pins LATEST to now.
			const position = shard.read(asked, 0, stream.horizon()).next;
			const iterator = { streamArn: stream.arn, shardId: shard.id, position };
			return { ShardIterator: writeIterator(iterator, store.clock.now()) };
		},
		GetRecords(input) {
			const now = store.clock.now();
			const iterator = parseIterator(requiredText(input, "ShardIterator"), now);
			const stream = store.named({ StreamARN: iterator.streamArn });
			const shard = shardOf(stream, iterator.shardId);
			const limit = wholeNumber(input, "Limit", [1, MAX_RECORDS], MAX_RECORDS);
			refuseDryRun(input);
			const { records, next, behind } = readWithin(shard, iterator.position, limit, stream.horizon());
			return {
				Records: records.map(describeRecord),
				NextShardIterator: writeIterator({ ...iterator, position: next }, now),
				MillisBehindLatest: behind ? Math.max(0, now - behind.arrivedAt) : 0,
			};
		},
	};
}

function shardOf(stream: Stream, shardId: string): ShardLog {
	const shard = stream.shards.find(({ id }) => id === shardId);
	if (!shard) throw notFound(`Shard ${shardId} in stream ${stream.settings.name} not found.`);
	return shard;
}

function positionOf(input: JsonInput, stream: Stream, { id, sequence }: ShardLog): Position {
	const type = oneOf(input, "ShardIteratorType", ITERATOR_TYPES, null);
	if (type === null) throw invalidArgument("ShardIteratorType is required.");
	if (type === "TRIM_HORIZON" || type === "LATEST") return { type };
	if (type === "AT_TIMESTAMP") {
		const seconds = input.Timestamp;
		if (typeof seconds !== "number") throw invalidArgument("Timestamp is required for AT_TIMESTAMP.");
		return { type, timestamp: seconds * 1000 };
	}
	const sequenceNumber = requiredText(input, "StartingSequenceNumber");
	if (!sequence.owns(sequenceNumber))
		throw invalidArgument(
			`StartingSequenceNumber ${sequenceNumber} did not come from shard ${id} of stream ${stream.settings.name}.`,
		);
	return {
		type: "AFTER_SEQUENCE_NUMBER",
		sequenceNumber: type === "AFTER_SEQUENCE_NUMBER" ? sequenceNumber : sequence.before(sequenceNumber),
	};
}

/** What fits into an answer; always one record, however large. */
function readWithin(shard: ShardLog, from: Position, limit: number, horizon: number) {
	const portion = shard.read(from, limit, horizon);
	let bytes = 0;
	const over = portion.records.findIndex(({ data, partitionKey }) => {
		bytes += Buffer.byteLength(data, "base64") + Buffer.byteLength(partitionKey);
		return bytes > MAX_BYTES;
	});
	return over > 0 ? shard.read(from, over, horizon) : portion;
}

function describeRecord({ sequenceNumber, arrivedAt, partitionKey, data }: StoredRecord) {
	return {
		SequenceNumber: sequenceNumber,
		ApproximateArrivalTimestamp: arrivedAt / 1000,
		PartitionKey: partitionKey,
		Data: data,
		EncryptionType: "NONE",
	};
}
