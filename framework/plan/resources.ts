import type { ContributedResource } from "../contract/consumer-definition.ts";
import type { Definition } from "../definition/types.ts";
import { bucketName, nameOf, stateTableName } from "./names.ts";
import type { PlannedResource, TableProperties } from "./types.ts";

/** The resources that are a pipeline's own. */
export function planResources({ environment, name, tags, table, fanOut, consumers }: Definition): PlannedResource[] {
	const resources: PlannedResource[] = [
		{
			type: "AWS::DynamoDB::Table",
			id: "table",
			name: nameOf("table", environment, name),
			why: "producers write to it; its stream is the pipeline's source",
			properties: { ...table, tags },
		},
	];
	if (fanOut.mode === "direct") return resources;
	const stream = nameOf("stream", environment, name);
	resources.push({
		type: "AWS::Kinesis::Stream",
		id: "fan-out",
		name: stream,
		why: "a table's stream allows two readers; this one carries its records to any number of consumers",
		properties: { capacity: fanOut.capacity, retentionHours: fanOut.retentionHours, tags },
	});
	for (const consumer of consumers)
		if (consumer.enhancedFanOut)
			resources.push({
				type: "AWS::Kinesis::StreamConsumer",
				id: `fan-out-${consumer.name}`,
				name: nameOf("consumer", environment, name, consumer.name),
				why: `gives ${consumer.name} a read throughput of its own`,
				properties: { stream },
			});
	return resources;
}

/** Days that a claim-checked record is kept: the longest Kinesis retention is 365 days, and a day more. */
const CLAIM_CHECK_DAYS = 366;

/** The resources that an environment's pipelines share. */
export function planSharedResources(
	environment: string,
	definitions: readonly Definition[],
	contributed: readonly ContributedResource[],
): PlannedResource[] {
	if (definitions.length === 0) return [];
	const buckets = new Map<string, PlannedResource>();
	for (const { id, why } of contributed) buckets.set(id, bucket(environment, id, why, []));
	return [
		...(definitions.some(({ lake }) => lake !== null) ? [planLakeBucket(environment, definitions)] : []),
		bucket(environment, "operations", "holds dead letters, claim checks and the dumps of crashed batches", [
			{ prefix: "claim-checks/", days: CLAIM_CHECK_DAYS },
		]),
		...[...buckets.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
		planStateTable(environment),
	];
}

function planLakeBucket(environment: string, definitions: readonly Definition[]): PlannedResource {
	const expirations = definitions.flatMap(({ name, lake }) =>
		lake?.retentionDays ? [{ prefix: `pipeline=${name}/`, days: lake.retentionDays }] : [],
	);
	return bucket(environment, "lake", "stores every record of every pipeline, a prefix each", expirations);
}

function bucket(
	environment: string,
	id: string,
	why: string,
	expirations: { prefix: string; days: number }[],
): PlannedResource {
	return { type: "AWS::S3::Bucket", id, name: bucketName(environment, id), why, properties: { expirations } };
}

/** Written only when something is wrong; rows delete themselves. */
function planStateTable(environment: string): PlannedResource {
	const properties: TableProperties = {
		keys: { partition: { name: "scope", type: "S" }, sort: { name: "row", type: "S" } },
		ttl: "expiresAt",
		viewType: null,
		billing: { mode: "on-demand", maxReadUnits: null, maxWriteUnits: null },
		pointInTimeRecoveryDays: 35,
		deletionProtection: true,
		tableClass: "STANDARD",
		kmsKey: null,
		tags: {},
	};
	const why = "remembers first failures, quarantines and what was delivered beyond a checkpoint";
	return { type: "AWS::DynamoDB::Table", id: "state", name: stateTableName(environment), why, properties };
}
