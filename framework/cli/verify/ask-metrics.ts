import { LambdaClient, paginateListEventSourceMappings } from "@aws-sdk/client-lambda";
import { bind } from "../../contract/manifest.ts";
import { lakePrefix } from "../../contract/places.ts";
import { TABLE_STREAM_RETENTION_HOURS } from "../../contract/retention.ts";
import { ALL_TIME, type TimeRange } from "../../lake/range.ts";
import type { MetricsWitness } from "../../lake/verify/hold-metrics.ts";
import type { LossMetrics } from "../../lake/verify/loss-metrics.ts";
import type { PipelinePlan, PlannedFunction } from "../../plan/types.ts";
import type { Connection } from "../connect.ts";
import { unreachable } from "./unreachable.ts";

/** Days before an object's expiry for which metrics are not asked any more: S3 deletes within a day or two. */
const EXPIRY_DAYS = 3;

/** The metrics of the lake function, from the range's beginning on, or from where its objects are still there. */
export async function metricsWitness(
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
		const leave = "cloudwatch:GetMetricData and lambda:ListEventSourceMappings";
		throw unreachable(`The metrics of ${functionName}`, error as Error, leave);
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
