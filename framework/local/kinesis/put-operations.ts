import { AwsError, type JsonInput, type JsonOperations } from "../aws-json.ts";
import { MAX_HASH_KEY, shardIndexOf } from "./hash-ranges.ts";
import { invalidArgument, listMember, optionalText, requiredText, validationError } from "./input.ts";
import type { NewRecord, ShardLog } from "./shard.ts";
import type { Stream, StreamStore } from "./store.ts";

/** Kinesis API reference, PutRecords: records and bytes (data and partition keys) of one request. */
const MAX_RECORDS = 500;
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
/** Characters of a partition key. */
const MAX_PARTITION_KEY = 256;

/** Found in no base64 text: another character, padding before the end, too much of it. */
const NOT_BASE64 = /[^A-Za-z0-9+/=]|=[^=]|===/;
const HASH_KEY = /^(?:0|[1-9]\d{0,38})$/;

interface CheckedRecord extends NewRecord {
	shardIndex: number;
	bytes: number;
}

type PutFailure = { ErrorCode: string; ErrorMessage: string };
type PutResult = { ShardId: string; SequenceNumber: string } | PutFailure;

/** Writing. There is no throughput limit here: only what cannot be kept fails. */
export function putOperations(store: StreamStore): JsonOperations {
	return {
		PutRecord(input) {
			const stream = store.named(input);
			const record = checkRecord(stream, input);
			refuseDryRun(input);
			const [result] = put(store, stream, [record]);
			if (!result || "ErrorCode" in result)
				throw new AwsError("InternalFailure", result?.ErrorMessage ?? "The record was not kept.", 500);
			return { ...result, EncryptionType: "NONE" };
		},
		PutRecords(input) {
			const stream = store.named(input);
			const records = checkRecords(stream, listMember(input, "Records"));
			refuseDryRun(input);
			const results = put(store, stream, records);
			const failed = results.filter((result) => "ErrorCode" in result).length;
			return { FailedRecordCount: failed, Records: results, EncryptionType: "NONE" };
		},
	};
}

/** Kinesis API reference: DryRun checks a request and does nothing. */
export function refuseDryRun({ DryRun }: JsonInput): void {
	if (DryRun === true) throw new AwsError("DryRunOperationException", "The request would have succeeded.");
}

function checkRecords(stream: Stream, entries: readonly unknown[]): CheckedRecord[] {
	if (entries.length === 0 || entries.length > MAX_RECORDS)
		throw validationError(`Records must have 1 to ${MAX_RECORDS} members; it has ${entries.length}.`);
	const records = entries.map((entry) => {
		if (typeof entry !== "object" || entry === null) throw validationError("A member of Records must be an object.");
		return checkRecord(stream, entry as JsonInput);
	});
	const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
	if (bytes > MAX_REQUEST_BYTES)
		throw invalidArgument(
			`Records are ${bytes} bytes with their partition keys; a request holds at most ${MAX_REQUEST_BYTES}.`,
		);
	return records;
}

function checkRecord({ settings, shards }: Stream, entry: JsonInput): CheckedRecord {
	const data = requiredText(entry, "Data");
	if (data.length % 4 !== 0 || NOT_BASE64.test(data))
		throw new AwsError("SerializationException", "Data is not base64.");
	const partitionKey = requiredText(entry, "PartitionKey");
	// Surrogate pairs count as one character.
	if (partitionKey === "" || (partitionKey.length > MAX_PARTITION_KEY && [...partitionKey].length > MAX_PARTITION_KEY))
		throw validationError(`PartitionKey must have 1 to ${MAX_PARTITION_KEY} characters.`);
	const bytes = Buffer.byteLength(data, "base64") + Buffer.byteLength(partitionKey);
	if (bytes > settings.maxRecordKiB * 1024)
		throw validationError(
			`A record is ${bytes} bytes with its partition key; this stream takes at most ${settings.maxRecordKiB} KiB.`,
		);
	const explicitHashKey = optionalText(entry, "ExplicitHashKey");
	if (explicitHashKey !== null && (!HASH_KEY.test(explicitHashKey) || BigInt(explicitHashKey) > MAX_HASH_KEY))
		throw invalidArgument(`ExplicitHashKey must be a number from 0 to ${MAX_HASH_KEY}.`);
	return { partitionKey, data, bytes, shardIndex: shardIndexOf(partitionKey, explicitHashKey, shards.length) };
}

/** Appends to each shard its records in their order. A shard that cannot keep them fails its own records only. */
function put(store: StreamStore, stream: Stream, records: readonly CheckedRecord[]): PutResult[] {
	const results: PutResult[] = [];
	const now = store.clock.now();
	const byShard = Map.groupBy(records.keys(), (place) => records[place]?.shardIndex ?? 0);
	for (const [index, places] of byShard) {
		const shard = stream.shards[index];
		if (!shard) continue;
		const appended = tryAppend(
			shard,
			places.flatMap((place) => records[place] ?? []),
			now,
		);
		for (const [nth, place] of places.entries())
			results[place] =
				"failure" in appended ? appended.failure : { ShardId: shard.id, SequenceNumber: appended.numbers[nth] ?? "" };
	}
	for (const watcher of stream.watchers) watcher();
	return results;
}

function tryAppend(
	shard: ShardLog,
	records: readonly CheckedRecord[],
	now: number,
): { numbers: string[] } | { failure: PutFailure } {
	try {
		return { numbers: shard.append(records, now) };
	} catch (error) {
		return { failure: { ErrorCode: "InternalFailure", ErrorMessage: (error as Error).message } };
	}
}
