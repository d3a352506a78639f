import type { ViewType } from "../contract/dynamodb.ts";
import type { ItemSchema } from "../contract/item-schema.ts";
import type { Manifest, TableKeys } from "../contract/manifest.ts";
import type { RedriveEvent, RedrivePolicy } from "../contract/redrive.ts";
import type { Statement } from "../contract/statement.ts";
import type { Billing } from "../definition/types.ts";

export const PLAN_FORMAT_VERSION = 1;

/**
 * What one environment shall be: the hinge between definitions and everything after them.
 * Pure JSON, the same bytes for the same input, no secret's value. Deploy, local and review read nothing else.
 * Names may hold the tokens of `bindManifest`. Every known key is present; null = not asked for.
 */
export interface Plan {
	formatVersion: typeof PLAN_FORMAT_VERSION;
	environment: string;
	/** Resources that the environment's pipelines share: lake, operations and export buckets, state table. */
	resources: PlannedResource[];
	/** By name. */
	pipelines: PipelinePlan[];
}

export interface PipelinePlan {
	name: string;
	description: string | null;
	owner: string | null;
	tags: Record<string, string>;
	topology: "kinesis" | "direct";
	/** Absent without one. */
	itemSchema?: ItemSchema;
	/** Lake (if any), router, then consumers in the file's order (`kinesis` only). */
	functions: PlannedFunction[];
	resources: PlannedResource[];
	/** Where each consumer's deliveries go, in a few words, for people. Never a secret. */
	targets: { consumer: string; target: string }[];
	guarantees: Guarantee[];
	/** For people only; nothing may depend on it. */
	notes: string[];
}

/** `why` is for people; everything else is what to make. */
interface Resource<Type extends string, Properties> {
	type: Type;
	/** Unique in its pipeline, or among the environment's: `table`, `fan-out`, `state`. Never changes: it is the resource's identity. */
	id: string;
	/** Physical name. */
	name: string;
	why: string;
	properties: Properties;
}

/** Types are CloudFormation's names for the things. */
export type PlannedResource =
	| Resource<"AWS::DynamoDB::Table", TableProperties>
	| Resource<"AWS::Kinesis::Stream", StreamProperties>
	| Resource<"AWS::Kinesis::StreamConsumer", { stream: string }>
	| Resource<"AWS::S3::Bucket", BucketProperties>
	| Resource<"AWS::Scheduler::Schedule", ScheduleProperties>
	| Resource<"AWS::CloudWatch::Alarm", AlarmProperties>
	| Resource<"AWS::CloudWatch::Dashboard", DashboardProperties>
	| Resource<"AWS::Glue::Database", Record<string, never>>
	| Resource<"AWS::Glue::Table", LakeTableProperties>
	| Resource<"AWS::Athena::WorkGroup", { results: string; scanLimitBytes: number }>
	| Resource<"AWS::Athena::NamedQuery", { database: string; workGroup: string; query: string }>;

export type TableProperties = OwnedTable | AdoptedTable;

/** What is true of a table, whoever owns it. */
interface TableFacts {
	keys: TableKeys;
	ttl: string | null;
	/** null = no stream (the state table). */
	viewType: ViewType | null;
	/** null = the key that AWS owns. */
	kmsKey: string | null;
	/** Readers that the table's stream has beside this pipeline. */
	otherReaders: number;
}

export interface OwnedTable extends TableFacts {
	existing: false;
	billing: Billing;
	pointInTimeRecoveryDays: number;
	deletionProtection: boolean;
	tableClass: "STANDARD" | "STANDARD_INFREQUENT_ACCESS";
	tags: Record<string, string>;
}

/** Somebody else's table: looked up by its name and held to these facts, never made, changed or deleted. Not in the environment `local`. */
export interface AdoptedTable extends TableFacts {
	existing: true;
}

export interface StreamProperties {
	capacity: { mode: "provisioned"; shards: number } | { mode: "on-demand" };
	retentionHours: number;
	tags: Record<string, string>;
}

export interface BucketProperties {
	/** Deletes what lies below a prefix after so many days; in the order of the prefixes. */
	expirations: { prefix: string; days: number }[];
}

export interface PlannedFunction {
	/** `lake`, `router` or the consumer's name. */
	id: string;
	/** Physical name. */
	name: string;
	role: Manifest["role"];
	why: string;
	/** Names of those it delivers to. */
	consumers: string[];
	/** Kinds whose `deliver` the bundle holds, sorted, without repeats. */
	kinds: string[];
	/** What its mapping reads: the table's stream, the Kinesis stream, or an enhanced fan-out consumer of it, by resource id. */
	source: { type: "dynamodb" | "kinesis"; resource: string };
	/** Patterns of the mapping, ORed; empty = everything. An economy only: the manifest's conditions are the truth. */
	filters: object[];
	mapping: Mapping;
	memoryMb: number;
	timeoutSeconds: number;
	/** Lambda's ReservedConcurrentExecutions; null = shares the account's. */
	reservedConcurrency: number | null;
	/** Those whose dead letters it redrives by itself: its bundle holds what that takes. */
	redrives: ({ consumer: string } & RedrivePolicy)[];
	/** All that its role may do. */
	statements: Statement[];
	/** References of the secrets it reads. */
	secrets: string[];
	manifest: Manifest;
}

/** Names and units of Lambda's CreateEventSourceMapping. */
export interface Mapping {
	startingPosition: "TRIM_HORIZON" | "AT_TIMESTAMP";
	/** With AT_TIMESTAMP: an ISO time, or `first-deployment`, which is fixed when the mapping is first made and never computed again. */
	startingPositionTimestamp: string | null;
	batchSize: number;
	maximumBatchingWindowInSeconds: number;
	parallelizationFactor: number;
	/** A backstop against crashes, far beyond the retry budgets: only the runtime parks. */
	maximumRetryAttempts: number;
	maximumRecordAgeInSeconds: number;
	bisectBatchOnFunctionError: boolean;
	functionResponseTypes: ["ReportBatchItemFailures"];
	/** Bucket for batches that the backstop gives up: whole events, of unknown outcome. */
	onFailure: { bucket: string };
	/** What it counts beside the function's own metrics; CloudWatch charges for it. */
	metricsConfig: { metrics: "EventCount"[] };
}

/** Invokes a function again and again. */
export interface ScheduleProperties {
	/** By its id. */
	function: string;
	everyMinutes: number;
	/** What the function is given; EventBridge Scheduler puts the time in. */
	event: RedriveEvent;
	/** All that the schedule's own role may do. */
	statements: Statement[];
}

/** Names and values of CloudWatch's PutMetricAlarm. */
export interface AlarmProperties {
	namespace: string;
	metricName: string;
	/** By name; a value that only the deployment knows is the UUID of a function's mapping, by the function's id. */
	dimensions: Record<string, string | { mapping: string }>;
	statistic: "Sum" | "Maximum";
	periodSeconds: number;
	evaluationPeriods: number;
	datapointsToAlarm: number;
	threshold: number;
	comparisonOperator: "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold";
	treatMissingData: "notBreaching";
	/** For whoever is woken: what it means, whose it is, where to read on. */
	description: string;
	/** ARN of the SNS topic told when it goes off and when it is over; null = nobody is told. */
	topic: string | null;
}

export interface DashboardProperties {
	/** CloudWatch's "Dashboard body structure", with tokens in it. */
	body: object;
}

/** A table of the lake's lines, or a view on it: one of the two is not null. */
export interface LakeTableProperties {
	/** Physical name of the database. */
	database: string;
	lines: LinesProperties | null;
	view: ViewProperties | null;
}

/** A text column `line`, and the partitions `dt` and `hour`. */
export interface LinesProperties {
	/** `s3://…/` */
	location: string;
	/** Athena's own parameters of partition projection. */
	projection: Record<string, string>;
}

export interface ViewProperties {
	/** With Trino's types. */
	columns: { name: string; type: string }[];
	/** Trino's, as Athena runs it. */
	sql: string;
}

/** What a consumer is promised, in this topology and with these settings. Sentences are for people, numbers for checks. */
export interface Guarantee {
	consumer: string;
	order: string;
	duplicates: string;
	isolation: string;
	/** What becomes of what it cannot take. */
	deadLetters: string;
	/** How long another consumer's trouble can hold this one back. */
	maxHoldSeconds: number;
	/** How far behind it may fall before records are lost. */
	retentionHours: number;
}
