import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { LambdaClient, paginateListEventSourceMappings } from "@aws-sdk/client-lambda";
import { bind } from "../../contract/manifest.ts";
import { lakePrefix } from "../../contract/places.ts";
import { TABLE_STREAM_RETENTION_HOURS } from "../../contract/retention.ts";
import { LakeError } from "../../lake/lake-error.ts";
import { ALL_TIME, type TimeRange } from "../../lake/range.ts";
import { changeLogSince, readChangeLog } from "../../lake/verify/change-log-witness.ts";
import type { MetricsWitness } from "../../lake/verify/hold-metrics.ts";
import type { LossMetrics } from "../../lake/verify/loss-metrics.ts";
import { readStream } from "../../lake/verify/stream-witness.ts";
import type { VerifyOptions } from "../../lake/verify/verify.ts";
import type { RecordWitness } from "../../lake/verify/witness.ts";
import type { PipelinePlan, PlannedFunction } from "../../plan/types.ts";
import { type Io, UsageError } from "../command.ts";
import type { Connection } from "../connect.ts";

export const WITNESSES = ["all", "stream", "changes", "metrics", "none"] as const;

/** Time that a record may take into the lake beside its function's own: polling, retries, a redeployment. */
const GRACE_SECONDS = 60;

/** A stream forgets at the end of its retention, and not on the dot. */
const FORGETTING_SECONDS = 3600;

/** Days before an object's expiry for which metrics are not asked any more: S3 deletes within a day or two. */
const EXPIRY_DAYS = 3;

export type Asked = Pick<VerifyOptions, "witnesses" | "metrics"> & { close(): void };

/** Whoever of the chosen witnesses there is in the environment. `now` in epoch seconds. */
export async function askWitnesses(
	connection: Connection,
	pipeline: PipelinePlan,
	chosen: string,
	range: TimeRange,
	now: number,
	io: Io,
): Promise<Asked> {
	const isAsked = (name: string): boolean => chosen === "all" || chosen === name;
	const lake = pipeline.functions.find(({ role }) => role === "lake");
	if (!lake || chosen === "none") return { witnesses: [], metrics: null, close() {} };
	const { endpoint } = connection.client;
	if (chosen === "changes" && endpoint === undefined)
		throw new UsageError(
			"--witness changes: only a local run keeps a log of every change. Ask the stream or the metrics.",
		);
	const table = bind(lake.manifest.table.name, connection.bindings);
	const { maximumBatchingWindowInSeconds } = lake.mapping;
	const settledBefore = now - maximumBatchingWindowInSeconds - 2 * lake.timeoutSeconds - GRACE_SECONDS;
	const witnesses: RecordWitness[] = [];
	const streams = new DynamoDBStreamsClient(connection.client);
	const stream = isAsked("stream") && (await streamWitness(streams, connection, table, { now, settledBefore }));
	if (stream) witnesses.push(stream);
	else if (chosen === "stream")
		throw new UsageError(`The table ${table} has no stream, or is not there: nobody to ask.`);
	if (isAsked("changes") && endpoint !== undefined)
		witnesses.push(await changesWitness(endpoint, table, settledBefore));
	const metrics = isAsked("metrics")
		? await metricsWitness(connection, pipeline, lake, range, now).catch((error) => {
				// Of all that there are, one that gives no answer leaves the others.
				if (chosen !== "all" || !(error instanceof LakeError)) throw error;
				io.stderr(`${error.message} They are not asked.\n`);
				return null;
			})
		: null;
	const names = [...witnesses, ...(metrics ? [metrics] : [])].map(({ name }) => `the ${name}`);
	if (names.length > 0) io.stderr(`Asking ${names.join(", ")}.\n`);
	return { witnesses, metrics, close: () => streams.destroy() };
}

/** The table's stream; null if the table has none. */
async function streamWitness(
	streams: DynamoDBStreamsClient,
	{ client }: Connection,
	TableName: string,
	{ now, settledBefore }: { now: number; settledBefore: number },
): Promise<RecordWitness | null> {
	const dynamodb = new DynamoDBClient(client);
	// A lake outlives its table.
	const found = await dynamodb.send(new DescribeTableCommand({ TableName })).catch((error: Error) => {
		if (error.name !== "ResourceNotFoundException") throw error;
		return null;
	});
	dynamodb.destroy();
	const StreamArn = found?.Table?.LatestStreamArn;
	if (!StreamArn) return null;
	const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn, Limit: 1 }));
	const began = (StreamDescription?.CreationRequestDateTime?.getTime() ?? 0) / 1000;
	const kept = now - TABLE_STREAM_RETENTION_HOURS * 3600 + FORGETTING_SECONDS;
	const label = StreamArn.split("/stream/")[1];
	return {
		name: `stream of ${TableName}`,
		// Everything that a young stream ever had is still there.
		from: Math.max(Math.floor(began), Math.ceil(kept)),
		settledBefore,
		concerns: (record) => record.label === label,
		// DynamoDB answers nothing now and then, and never says that an open shard is at its end.
		exact: false,
		read: () => readStream(streams, StreamArn),
	};
}

async function changesWitness(endpoint: string, table: string, settledBefore: number): Promise<RecordWitness> {
	const since = await changeLogSince(endpoint, table);
	return {
		name: `change log of ${table}`,
		from: Math.floor(since),
		settledBefore,
		concerns: ({ label }) => label !== "",
		exact: true,
		read: (range) => readChangeLog(endpoint, table, range),
	};
}

async function metricsWitness(
	connection: Connection,
	{ name, resources }: PipelinePlan,
	lake: PlannedFunction,
	range: TimeRange,
	now: number,
): Promise<MetricsWitness> {
	const functionName = bind(lake.name, connection.bindings);
	const kinesis = resources.find((each) => each.type === "AWS::Kinesis::Stream");
	const expires = retentionDaysOf(connection, name);
	const oldest = expires === null ? ALL_TIME.from : now - Math.max(0, expires - EXPIRY_DAYS) * 86_400;
	return {
		name: `metrics of ${functionName}`,
		retentionHours:
			lake.source.type === "kinesis" && kinesis ? kinesis.properties.retentionHours : TABLE_STREAM_RETENTION_HOURS,
		countedWithin: lake.timeoutSeconds,
		metrics: await readMetrics(connection, name, functionName, Math.max(range.from, oldest), now),
	};
}

async function readMetrics(
	{ plan, client }: Connection,
	pipeline: string,
	functionName: string,
	from: number,
	now: number,
): Promise<LossMetrics> {
	const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
	const { readLossMetrics } = await import("../../lake/verify/loss-metrics.ts");
	const cloudWatch = new CloudWatchClient(client);
	const dimensions = { environment: plan.environment, pipeline, consumer: "lake" };
	try {
		const mapping = await mappingOf(functionName, client);
		return await readLossMetrics(cloudWatch, { dimensions, functionName, mapping }, { from }, now);
	} catch (error) {
		throw new LakeError(
			"witness-unreachable",
			`The metrics of ${functionName} cannot be read: ${(error as Error).name}. It takes cloudwatch:GetMetricData and lambda:ListEventSourceMappings.`,
		);
	} finally {
		cloudWatch.destroy();
	}
}

/** Days for which the lake's objects are kept; null = for ever. */
function retentionDaysOf({ plan }: Connection, pipeline: string): number | null {
	const expirations = plan.resources.flatMap((each) =>
		each.type === "AWS::S3::Bucket" && each.id === "lake" ? each.properties.expirations : [],
	);
	return expirations.find(({ prefix }) => prefix === lakePrefix(pipeline))?.days ?? null;
}

async function mappingOf(FunctionName: string, client: Connection["client"]): Promise<string | null> {
	const lambda = new LambdaClient(client);
	try {
		for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
			{ client: lambda },
			{ FunctionName },
		))
			for (const { UUID } of EventSourceMappings) if (UUID !== undefined) return UUID;
		return null;
	} finally {
		lambda.destroy();
	}
}
