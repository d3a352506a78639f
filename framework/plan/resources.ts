import type { ContributedResource } from "../contract/consumer-definition.ts";
import { claimCheckPrefix, lakePrefix } from "../contract/places.ts";
import type { FanOutDefinition } from "../definition/types.ts";
import { planAlarms } from "./alarms.ts";
import { planLakeDatabase, planWorkGroup, queryResults } from "./athena/resources.ts";
import { planDashboard } from "./dashboard.ts";
import type { Names } from "./names.ts";
import { planSchedules } from "./schedules.ts";
import { type Scope, tableName } from "./scope.ts";
import type { BucketProperties, PlannedFunction, PlannedResource, TableProperties } from "./types.ts";

/** Days beyond the stream's retention for which a claim-checked record stays, to redrive what Lambda gave up. */
const CLAIM_CHECK_GRACE_DAYS = 7;

/** Consumers may be called as they like; the prefix keeps the ids of their resources from meeting `table` or `fan-out`. */
export function streamConsumerId(consumer: string): string {
	return `reader-${consumer}`;
}

/** What belongs to one pipeline. */
export function planResources(scope: Scope, functions: readonly PlannedFunction[]): PlannedResource[] {
	const {
		fanOut,
		table: { existing },
	} = scope.definition;
	const table: PlannedResource = {
		type: "AWS::DynamoDB::Table",
		id: "table",
		name: tableName(scope),
		why: `${existing === null ? "" : "Another owner's. "}Producers write items here; its stream tells every change.`,
		properties: planTable(scope),
	};
	return [
		table,
		...(fanOut.mode === "direct" ? [] : [planStream(scope, fanOut), ...planStreamConsumers(scope)]),
		...planSchedules(scope, functions),
		...planLakeDatabase(scope),
		...planAlarms(scope, functions),
		...planDashboard(scope, functions),
	];
}

/** Locally nothing is there to adopt: the table is made, so that the pipeline can run. */
function planTable({ environment, definition }: Scope): TableProperties {
	const { keys, ttl, viewType, kmsKey, otherReaders, existing, globalTable: _, ...owned } = definition.table;
	const facts = { keys, ttl, viewType, kmsKey, otherReaders };
	return existing === null || environment === "local"
		? { ...facts, existing: false, ...owned, tags: definition.tags }
		: { ...facts, existing: true };
}

function planStream({ names, definition }: Scope, fanOut: FanOutDefinition & { mode: "kinesis" }) {
	return {
		type: "AWS::Kinesis::Stream",
		id: "fan-out",
		name: names.stream(definition.name),
		why: "Lets any number of consumers read the changes, each at its own pace.",
		properties: { capacity: fanOut.capacity, retentionHours: fanOut.retentionHours, tags: definition.tags },
	} as const satisfies PlannedResource;
}

function planStreamConsumers({ names, definition }: Scope): PlannedResource[] {
	return definition.consumers
		.filter(({ enhancedFanOut }) => enhancedFanOut)
		.map(({ name }) => ({
			type: "AWS::Kinesis::StreamConsumer",
			id: streamConsumerId(name),
			name: names.streamConsumer(definition.name, name),
			why: `Gives ${name} 2 MB/s of each shard for itself.`,
			properties: { stream: "fan-out" },
		}));
}

/** What the pipelines of an environment share. */
export function planEnvironment(names: Names, scopes: readonly Scope[]): PlannedResource[] {
	const bucket = (id: string, why: string, expirations: BucketProperties["expirations"] = []): PlannedResource => ({
		type: "AWS::S3::Bucket",
		id,
		name: names.bucket(id),
		why,
		properties: { expirations },
	});
	return [
		bucket("operations", "Keeps dead letters and what Lambda gave up; claim checks for a while.", [
			...queryResults(scopes),
			...claimChecks(scopes),
		]),
		planStateTable(names),
		...(scopes.some(({ definition }) => definition.lake)
			? [bucket("lake", "Keeps every stream record, under a prefix for each pipeline.", lakePrefixes(scopes))]
			: []),
		...planWorkGroup(names, scopes),
		...contributedResources(scopes).map(({ id, why }) => bucket(id, why)),
	];
}

/** Dead letters are kept: nobody but a person decides that they are of no use any more. */
function claimChecks(scopes: readonly Scope[]): BucketProperties["expirations"] {
	return scopes.flatMap(({ definition: { name, fanOut } }) =>
		fanOut.mode === "direct"
			? []
			: [{ prefix: claimCheckPrefix(name), days: Math.ceil(fanOut.retentionHours / 24) + CLAIM_CHECK_GRACE_DAYS }],
	);
}

function lakePrefixes(scopes: readonly Scope[]): BucketProperties["expirations"] {
	return scopes.flatMap(({ definition: { name, lake } }) =>
		lake?.retentionDays ? [{ prefix: lakePrefix(name), days: lake.retentionDays }] : [],
	);
}

function planStateTable(names: Names): PlannedResource {
	return {
		type: "AWS::DynamoDB::Table",
		id: "state",
		name: names.stateTable(),
		why: "Remembers retries, quarantines and what was delivered; written only when something is wrong.",
		properties: {
			existing: false,
			otherReaders: 0,
			keys: { partition: { name: "scope", type: "S" }, sort: { name: "row", type: "S" } },
			ttl: "expiresAt",
			viewType: null,
			billing: { mode: "on-demand", maxReadUnits: null, maxWriteUnits: null },
			pointInTimeRecoveryDays: 0,
			deletionProtection: true,
			tableClass: "STANDARD",
			kmsKey: null,
			tags: {},
		},
	};
}

/** Consumers may ask for the same one: it is made once. */
function contributedResources(scopes: readonly Scope[]): ContributedResource[] {
	const all = scopes.flatMap(({ consumers }) => consumers.flatMap(({ contribution }) => contribution.resources));
	const byId = new Map(all.map((resource) => [resource.id, resource]));
	return [...byId.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
