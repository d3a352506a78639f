import type { StreamRecord } from "../../contract/dynamodb.ts";
import { AwsError, type JsonInput, type JsonOperations } from "../aws-json.ts";
import type { Clock } from "../clock.ts";
import { numberIn, objectIn, textIn, validationError } from "./input.ts";
import { decodeIterator, encodeIterator } from "./shard-iterator.ts";
import { end, readShard } from "./shard-position.ts";
import { padSequence } from "./stream-log.ts";
import type { Stream, StreamShard, Streams } from "./streams.ts";

/** Bounds of the API: records of a GetRecords, streams of a ListStreams, shards of a DescribeStream. */
const RECORDS = { min: 1, max: 1000, absent: 1000 };
const PAGE = { min: 1, max: 100, absent: 100 };

/** A GetRecords answers at most 1 MB. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The DynamoDB Streams API. */
export function streamsOperations(streams: Streams, clock: Clock): JsonOperations {
	const serve = (operation: (streams: Streams, input: JsonInput, now: number) => object) => (input: JsonInput) => {
		streams.trim();
		return operation(streams, input, clock.now());
	};
	return {
		ListStreams: serve(listStreams),
		DescribeStream: serve(describeStream),
		GetShardIterator: serve(getShardIterator),
		GetRecords: serve(getRecords),
	};
}

function listStreams(streams: Streams, input: JsonInput): object {
	const all = streams.list().filter(({ table }) => input.TableName === undefined || table === input.TableName);
	const { page, last } = pageOf(all, ({ arn }) => arn, input.ExclusiveStartStreamArn, numberIn(input, "Limit", PAGE));
	return {
		Streams: page.map(({ arn, table, label }) => ({ StreamArn: arn, TableName: table, StreamLabel: label })),
		...(last && { LastEvaluatedStreamArn: last }),
	};
}

function describeStream(streams: Streams, input: JsonInput): object {
	const stream = findStream(streams, textIn(input, "StreamArn"));
	// Shards of ours have no children.
	const shards = objectIn(input, "ShardFilter").Type === "CHILD_SHARDS" ? [] : stream.shards;
	const { page, last } = pageOf(shards, ({ id }) => id, input.ExclusiveStartShardId, numberIn(input, "Limit", PAGE));
	return {
		StreamDescription: {
			StreamArn: stream.arn,
			StreamLabel: stream.label,
			StreamStatus: stream.closedAt === null ? "ENABLED" : "DISABLED",
			StreamViewType: stream.viewType,
			CreationRequestDateTime: stream.createdAt / 1000,
			TableName: stream.table,
			KeySchema: stream.keySchema,
			Shards: page.map(({ id, startingSequence, endingSequence }) => ({
				ShardId: id,
				SequenceNumberRange: {
					StartingSequenceNumber: startingSequence,
					...(endingSequence !== null && { EndingSequenceNumber: endingSequence }),
				},
			})),
			...(last && { LastEvaluatedShardId: last }),
		},
	};
}

function getShardIterator(streams: Streams, input: JsonInput, now: number): object {
	const stream = findStream(streams, textIn(input, "StreamArn"));
	const shard = findShard(stream, textIn(input, "ShardId"));
	const after = startOf(shard, input);
	if (after !== null) checkTrimmed(shard, after);
	return { ShardIterator: encodeIterator({ streamArn: stream.arn, shardId: shard.id, after }, now) };
}

/** The number after which an iterator begins; null = the oldest record. */
function startOf(shard: StreamShard, input: JsonInput): string | null {
	switch (textIn(input, "ShardIteratorType")) {
		case "TRIM_HORIZON":
			return null;
		case "LATEST": {
			const position = end(shard);
			return position.type === "AFTER_SEQUENCE_NUMBER" ? position.sequenceNumber : null;
		}
		case "AFTER_SEQUENCE_NUMBER":
			return sequenceIn(input).toString();
		case "AT_SEQUENCE_NUMBER":
			return (sequenceIn(input) - 1n).toString();
		default:
			throw validationError(
				"ShardIteratorType is one of TRIM_HORIZON, LATEST, AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER.",
			);
	}
}

function sequenceIn(input: JsonInput): bigint {
	const text = textIn(input, "SequenceNumber");
	if (!/^\d{21,40}$/.test(text)) throw validationError("SequenceNumber has 21 to 40 digits.");
	return BigInt(text);
}

function getRecords(streams: Streams, input: JsonInput, now: number): object {
	const { streamArn, shardId, after } = decodeIterator(textIn(input, "ShardIterator"), now);
	const stream = findStream(streams, streamArn);
	const shard = findShard(stream, shardId);
	if (after !== null) checkTrimmed(shard, after);
	const from =
		after === null
			? ({ type: "TRIM_HORIZON" } as const)
			: ({ type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: after } as const);
	const { entries, closed } = readShard(shard, from, numberIn(input, "Limit", RECORDS));
	const texts = withinBytes(entries, (entry) => streams.record(stream, shard, entry));
	const last = entries[texts.length - 1]?.sequence ?? after;
	const ended = closed && texts.length === entries.length;
	return {
		Records: texts.map(apiRecord),
		...(!ended && { NextShardIterator: encodeIterator({ streamArn, shardId, after: last }, now) }),
	};
}

/** As many records as an answer holds; at least one. */
function withinBytes<Entry>(entries: readonly Entry[], read: (entry: Entry) => string): string[] {
	const texts: string[] = [];
	let bytes = 0;
	for (const entry of entries) {
		const text = read(entry);
		bytes += Buffer.byteLength(text);
		if (texts.length > 0 && bytes > MAX_ANSWER_BYTES) break;
		texts.push(text);
	}
	return texts;
}

/** Lambda adds the stream's ARN and writes the identity in lower case; the API does neither. */
function apiRecord(text: string): object {
	const { eventSourceARN: _, userIdentity, ...record }: StreamRecord = JSON.parse(text);
	if (!userIdentity) return record;
	return { ...record, userIdentity: { PrincipalId: userIdentity.principalId, Type: userIdentity.type } };
}

function checkTrimmed({ trimmedTo }: StreamShard, after: string): void {
	if (trimmedTo !== null && padSequence(after) < padSequence(trimmedTo))
		throw new AwsError(
			"TrimmedDataAccessException",
			"The requested records are older than 24 hours and were trimmed. Read on from TRIM_HORIZON.",
		);
}

function findStream(streams: Streams, arn: string): Stream {
	const stream = streams.find(arn);
	if (!stream)
		throw new AwsError("ResourceNotFoundException", `Requested resource not found: Stream: ${arn} not found`);
	return stream;
}

function findShard({ arn, shards }: Stream, id: string): StreamShard {
	const shard = shards.find((each) => each.id === id);
	if (!shard)
		throw new AwsError("ResourceNotFoundException", `Requested resource not found: Shard: ${id} of ${arn} not found`);
	return shard;
}

/** What follows a member by its name; `last` names the page's last member if there are more. */
function pageOf<Member>(
	members: readonly Member[],
	nameOf: (member: Member) => string,
	start: unknown,
	limit: number,
): { page: Member[]; last: string | null } {
	const first = start === undefined ? 0 : members.findIndex((member) => nameOf(member) === start) + 1;
	const page = members.slice(first, first + limit);
	const final = page.at(-1);
	return { page, last: final !== undefined && first + limit < members.length ? nameOf(final) : null };
}
