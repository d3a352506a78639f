import type { Condition } from "../contract/condition.ts";
import type { ViewType } from "../contract/dynamodb.ts";
import type { ItemSchema } from "../contract/item-schema.ts";
import type { LakeCompression, TableKeys } from "../contract/manifest.ts";
import type { RedrivePolicy } from "../contract/redrive.ts";

/**
 * A definition for one environment: read, merged with its defaults and overlay, validated.
 * Every known key is present; null = not asked for. Nothing in it was not in the files.
 */
export interface Definition {
	name: string;
	environment: string;
	description: string | null;
	owner: string | null;
	enabled: boolean;
	tags: Record<string, string>;
	/** What its item schema comes to; null without one. */
	itemSchema: ItemSchema | null;
	/** Share of events, 0 to 1, whose every outcome is logged. */
	logs: { sampleRate: number };
	table: TableDefinition;
	/** null = `lake: { enabled: false }`. */
	lake: LakeDefinition | null;
	fanOut: FanOutDefinition;
	/** Enabled ones only, in the file's order. */
	consumers: ConsumerSettings[];
	/** `kmsKey`: what encrypts the secrets that consumers name; null = a key of AWS's. */
	secrets: { kmsKey: string | null };
	/** null = `alarms: { enabled: false }`. */
	alarms: AlarmDefinition | null;
}

export interface AlarmDefinition {
	/** ARN of an SNS topic; null = nobody is told. */
	topic: string | null;
	/** Of what a function's source keeps. */
	iteratorAgePercent: number;
	/** URL; null = the framework's own page. */
	runbook: string | null;
}

export type Billing =
	/** Units are per second and optional ceilings. */
	| { mode: "on-demand"; maxReadUnits: number | null; maxWriteUnits: number | null }
	| { mode: "provisioned"; readUnits: number; writeUnits: number };

export interface TableDefinition {
	keys: TableKeys;
	/** Top-level number attribute of epoch seconds. */
	ttl: string | null;
	viewType: ViewType;
	billing: Billing;
	/** 1 to 35; 0 = off. */
	pointInTimeRecoveryDays: number;
	deletionProtection: boolean;
	tableClass: "STANDARD" | "STANDARD_INFREQUENT_ACCESS";
	kmsKey: string | null;
	/** Name of somebody else's table that is adopted; null = the pipeline owns its table. */
	existing: string | null;
	/** Readers of its stream beside this pipeline. */
	otherReaders: number;
	/** Whether it has replicas in other regions. */
	globalTable: boolean;
}

/** What every function's mapping and size can be told. */
export interface FunctionSettings {
	batchSize: number;
	maxBatchingWindowSeconds: number;
	parallelization: number;
	memoryMb: number;
	timeoutSeconds: number;
	/** null = shares the account's. */
	reservedConcurrency: number | null;
}

export interface LakeDefinition extends FunctionSettings {
	compression: LakeCompression;
	/** Whether Athena can be asked about it. */
	query: boolean;
	/** null = kept for ever. */
	retentionDays: number | null;
}

export type FanOutDefinition = FunctionSettings &
	(
		| {
				mode: "kinesis";
				capacity: { mode: "provisioned"; shards: number } | { mode: "on-demand" };
				retentionHours: number;
		  }
		| { mode: "direct" }
	);

/** `now` = the time of the consumer's first deployment; an ISO 8601 time is UTC. */
export type Start = "now" | "horizon" | { at: string };

export interface ConsumerSettings extends FunctionSettings {
	name: string;
	kind: string;
	/** null = every record. */
	when: Condition | null;
	retry: { budgetSeconds: number };
	/** null = by hand only. */
	redrive: RedrivePolicy | null;
	start: Start;
	concurrency: number;
	/** Hours for which deliveries are remembered; 0 = not at all. */
	deduplicationHours: number;
	enhancedFanOut: boolean;
	/** Validated by the kind's schema, its defaults filled in. */
	with: unknown;
	/** Paths below `with` that this environment's overlay sets itself. */
	withSetByEnvironment: (string | number)[][];
}
