import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { bind } from "../../contract/manifest.ts";
import { TABLE_STREAM_RETENTION_HOURS } from "../../contract/retention.ts";
import { LakeError } from "../../lake/lake-error.ts";
import type { TimeRange } from "../../lake/range.ts";
import { changeLogSince, readChangeLog } from "../../lake/verify/change-log-witness.ts";
import { readStream } from "../../lake/verify/stream-witness.ts";
import type { VerifyOptions } from "../../lake/verify/verify.ts";
import type { RecordWitness } from "../../lake/verify/witness.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import { type Io, UsageError } from "../command.ts";
import type { Connection } from "../connect.ts";
import { metricsWitness } from "./ask-metrics.ts";
import { unreachable } from "./unreachable.ts";

export const WITNESSES = ["all", "stream", "changes", "metrics", "none"] as const;

/** Time that a record may take into the lake beside its function's own: polling, retries, a redeployment. */
const GRACE_SECONDS = 60;

/** A stream forgets at the end of its retention, and not on the dot. */
const FORGETTING_SECONDS = 3600;

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
	const asking = { isRequired: chosen !== "all", io };
	const stream =
		isAsked("stream") && (await orNone(streamWitness(streams, connection, table, { now, settledBefore }), asking));
	if (stream) witnesses.push(stream);
	else if (chosen === "stream")
		throw new UsageError(`The table ${table} has no stream, or is not there: nobody to ask.`);
	if (isAsked("changes") && endpoint !== undefined)
		witnesses.push(await changesWitness(endpoint, table, settledBefore));
	const metrics = isAsked("metrics")
		? await orNone(metricsWitness(connection, pipeline, lake, range, now), asking)
		: null;
	const names = [...witnesses, ...(metrics ? [metrics] : [])].map(({ name }) => `the ${name}`);
	if (names.length > 0) io.stderr(`Asking ${names.join(", ")}.\n`);
	return { witnesses, metrics, close: () => streams.destroy() };
}

/** Of all that there are, one that gives no answer leaves the others. */
async function orNone<Witness>(
	asked: Promise<Witness>,
	{ isRequired, io }: { isRequired: boolean; io: Io },
): Promise<Witness | null> {
	return asked.catch((error) => {
		if (isRequired || !(error instanceof LakeError)) throw error;
		io.stderr(`${error.message} It is not asked.\n`);
		return null;
	});
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
		if (error.name === "ResourceNotFoundException") return null;
		throw unreachable(`The stream of ${TableName}`, error, "dynamodb:DescribeTable");
	});
	dynamodb.destroy();
	const StreamArn = found?.Table?.LatestStreamArn;
	if (!StreamArn) return null;
	const description = streams.send(new DescribeStreamCommand({ StreamArn, Limit: 1 }));
	const { StreamDescription } = await description.catch((error: Error) => {
		throw unreachable(`The stream of ${TableName}`, error, "dynamodb:DescribeStream, GetShardIterator and GetRecords");
	});
	const began = (StreamDescription?.CreationRequestDateTime?.getTime() ?? 0) / 1000;
	const kept = now - TABLE_STREAM_RETENTION_HOURS * 3600 + FORGETTING_SECONDS;
	const label = StreamArn.split("/stream/")[1];
	return {
		name: `stream of ${TableName}`,
		identity: StreamArn,
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
		identity: `${table} since ${since}`,
		from: Math.floor(since),
		settledBefore,
		concerns: ({ label }) => label !== "",
		exact: true,
		read: (range) => readChangeLog(endpoint, table, range),
	};
}
