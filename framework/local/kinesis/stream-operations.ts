import type { JsonInput, JsonOperations } from "../aws-json.ts";
import { hashKeyRanges } from "./hash-ranges.ts";
import { checkedName, invalidArgument, objectMember, oneOf, optionalText, textMap, wholeNumber } from "./input.ts";
import type { Stream, StreamStore } from "./store.ts";

/** Kinesis developer guide, quotas: hours, and KiB of a record. */
const RETENTION_HOURS = [24, 8760] as const;
const RECORD_KIB = [1024, 10_240] as const;
/** Shards a new on-demand stream has, and what one provisioned stream may ask for. */
const ON_DEMAND_SHARDS = 4;
const SHARDS = [1, 10_000] as const;

const MODES = ["PROVISIONED", "ON_DEMAND"] as const;
const SHARD_FILTERS = [
	"AFTER_SHARD_ID",
	"AT_TRIM_HORIZON",
	"FROM_TRIM_HORIZON",
	"AT_LATEST",
	"AT_TIMESTAMP",
	"FROM_TIMESTAMP",
] as const;

/** Streams and their shards. What takes AWS a while is done when it is answered. */
export function streamOperations(store: StreamStore): JsonOperations {
	return {
		CreateStream(input) {
			const mode = oneOf(objectMember(input, "StreamModeDetails") ?? {}, "StreamMode", MODES, "PROVISIONED");
			store.create({
				name: checkedName(input, "StreamName"),
				createdAt: store.clock.now(),
				mode,
				shardCount: shardCountOf(input, mode),
				retentionHours: RETENTION_HOURS[0],
				maxRecordKiB: wholeNumber(input, "MaxRecordSizeInKiB", RECORD_KIB, RECORD_KIB[0]),
				tags: textMap(input, "Tags"),
				consumers: [],
			});
			return {};
		},
		DeleteStream(input) {
			store.delete(store.named(input));
			return {};
		},
		DescribeStream(input) {
			const stream = store.named(input);
			const { page, more } = shardPage(stream, {
				after: optionalText(input, "ExclusiveStartShardId"),
				limit: wholeNumber(input, "Limit", [1, 10_000], 100),
			});
			return { StreamDescription: { ...describe(stream), Shards: page, HasMoreShards: more } };
		},
		DescribeStreamSummary(input) {
			const stream = store.named(input);
			const { shardCount, consumers } = stream.settings;
			return {
				StreamDescriptionSummary: {
					...describe(stream),
					OpenShardCount: shardCount,
					ConsumerCount: consumers.length,
				},
			};
		},
		ListStreams(input) {
			const after = optionalText(input, "NextToken") ?? optionalText(input, "ExclusiveStartStreamName") ?? "";
			const streams = store.all().filter(({ settings }) => settings.name > after);
			const page = streams.slice(0, wholeNumber(input, "Limit", [1, 10_000], 100));
			const more = page.length < streams.length;
			return {
				StreamNames: page.map(({ settings }) => settings.name),
				StreamSummaries: page.map(summarise),
				HasMoreStreams: more,
				...(more && { NextToken: page.at(-1)?.settings.name }),
			};
		},
		ListShards: (input) => listShards(store, input),
		IncreaseStreamRetentionPeriod: (input) => changeRetention(store, input, "longer"),
		DecreaseStreamRetentionPeriod: (input) => changeRetention(store, input, "shorter"),
	};
}

function shardCountOf(input: JsonInput, mode: (typeof MODES)[number]): number {
	const count = wholeNumber(input, "ShardCount", SHARDS, null);
	if (mode === "ON_DEMAND") {
		if (count !== null) throw invalidArgument("ShardCount cannot be given for a stream in ON_DEMAND mode.");
		return ON_DEMAND_SHARDS;
	}
	if (count === null) throw invalidArgument("ShardCount is required for a stream in PROVISIONED mode.");
	return count;
}

function summarise({ arn, settings }: Stream) {
	return {
		StreamName: settings.name,
		StreamARN: arn,
		StreamStatus: "ACTIVE",
		StreamModeDetails: { StreamMode: settings.mode },
		StreamCreationTimestamp: settings.createdAt / 1000,
	};
}

function describe(stream: Stream) {
	return {
		...summarise(stream),
		RetentionPeriodHours: stream.settings.retentionHours,
		MaxRecordSizeInKiB: stream.settings.maxRecordKiB,
		EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
		EncryptionType: "NONE",
	};
}

function shardPage(stream: Stream, { after, limit }: { after: string | null; limit: number }) {
	const ranges = hashKeyRanges(stream.shards.length);
	const shards = stream.shards
		.map(({ id, sequence }, index) => ({
			ShardId: id,
			HashKeyRange: ranges[index],
			SequenceNumberRange: { StartingSequenceNumber: sequence.at(0) },
		}))
		.filter(({ ShardId }) => after === null || ShardId > after);
	return { page: shards.slice(0, limit), more: shards.length > limit };
}

/** No shard is ever split, so that of the filters only AFTER_SHARD_ID leaves any out. */
function listShards(store: StreamStore, input: JsonInput): object {
	const filter = objectMember(input, "ShardFilter") ?? {};
	const after =
		oneOf(filter, "Type", SHARD_FILTERS, null) === "AFTER_SHARD_ID" ? optionalText(filter, "ShardId") : null;
	const token = optionalText(input, "NextToken");
	const next = token === null ? null : parseToken(token);
	const stream = store.named(next ? { StreamARN: next.arn } : input);
	const { page, more } = shardPage(stream, {
		after: next?.after ?? optionalText(input, "ExclusiveStartShardId") ?? after,
		limit: wholeNumber(input, "MaxResults", [1, 10_000], 1000),
	});
	const last = page.at(-1);
	return { Shards: page, ...(more && last && { NextToken: writeToken({ arn: stream.arn, after: last.ShardId }) }) };
}

interface Token {
	arn: string;
	after: string;
}

const writeToken = ({ arn, after }: Token): string => Buffer.from(`${arn} ${after}`).toString("base64url");

function parseToken(text: string): Token {
	const [arn, after] = Buffer.from(text, "base64url").toString().split(" ");
	if (arn === undefined || after === undefined) throw invalidArgument("NextToken is not one that ListShards gave.");
	return { arn, after };
}

function changeRetention(store: StreamStore, input: JsonInput, direction: "longer" | "shorter"): object {
	const stream = store.named(input);
	const current = stream.settings.retentionHours;
	const asked = wholeNumber(input, "RetentionPeriodHours", RETENTION_HOURS, null);
	if (asked === null) throw invalidArgument("RetentionPeriodHours is required.");
	if (direction === "longer" ? asked < current : asked > current)
		throw invalidArgument(
			`Requested retention period (${asked} hours) cannot be ${direction === "longer" ? "shorter" : "longer"} than the existing one (${current} hours).`,
		);
	stream.settings.retentionHours = asked;
	store.save(stream);
	return {};
}
