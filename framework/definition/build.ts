import { ITEM_EVENTS } from "../contract/condition.ts";
import type { ItemSchema } from "../contract/item-schema.ts";
import type { DocumentPath, PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { isObject } from "./merge.ts";
import type { SourceText } from "./operators.ts";
import type {
	AlarmDefinition,
	Billing,
	ConsumerSettings,
	Definition,
	FanOutDefinition,
	FunctionSettings,
	LakeDefinition,
	Start,
	TableDefinition,
} from "./types.ts";
import type { Value, ValueObject } from "./values.ts";
import { type AskedAttribute, type CompiledCondition, compileCondition } from "./when.ts";

/** Seconds that an item is retried before it is parked, when the definition does not say. */
const DEFAULT_BUDGET_SECONDS = { kinesis: 21_600, direct: 60 } as const;

/** A consumer beside what the checks ask of its text. */
export interface ConsumerEntry {
	settings: ConsumerSettings;
	enabled: boolean;
	path: DocumentPath;
	/** Whether its condition says which events it wants. */
	namesEvents: boolean;
	/** What its condition asks of attributes, as written. */
	asked: readonly AskedAttribute[];
}

/** The conditions of all consumers, by index. */
export interface CompiledConditions {
	conditions: ReadonlyMap<number, CompiledCondition>;
	problems: PathDiagnostic[];
}

/** The compiled conditions of all consumers, by index, with what is wrong in them. */
export function compileConditions(value: ValueObject, sourceText: SourceText): CompiledConditions {
	const conditions = new Map<number, CompiledCondition>();
	const problems: PathDiagnostic[] = [];
	for (const [index, consumer] of Array.isArray(value.consumers) ? value.consumers.entries() : []) {
		if (!isObject(consumer) || !isObject(consumer.when)) continue;
		const compiled = compileCondition(consumer.when, ["consumers", index, "when"], sourceText);
		conditions.set(index, compiled);
		problems.push(...compiled.problems);
	}
	return { conditions, problems };
}

/** The consumers of a value whose shape holds. */
export function buildConsumers(
	value: ValueObject,
	conditions: ReadonlyMap<number, CompiledCondition>,
	setByEnvironment: (path: DocumentPath) => (string | number)[][],
): ConsumerEntry[] {
	const { mode } = value.fanOut as { mode: keyof typeof DEFAULT_BUDGET_SECONDS };
	// The shape holds: the schema has checked each of these casts.
	return (value.consumers as ValueObject[]).map((consumer, index): ConsumerEntry => {
		const path = ["consumers", index];
		const retry = consumer.retry as { budgetSeconds?: number };
		return {
			path,
			enabled: consumer.enabled as boolean,
			namesEvents: namesEvents(consumer.when),
			asked: conditions.get(index)?.asked ?? [],
			settings: {
				name: consumer.name as string,
				kind: consumer.kind as string,
				when: conditions.get(index)?.condition ?? null,
				retry: { budgetSeconds: retry.budgetSeconds ?? DEFAULT_BUDGET_SECONDS[mode] },
				redrive: buildRedrive(consumer.redrive as ValueObject),
				start: buildStart(consumer.start as string),
				concurrency: consumer.concurrency as number,
				deduplicationHours: consumer.deduplicationHours as number,
				enhancedFanOut: consumer.enhancedFanOut as boolean,
				with: consumer.with,
				withSetByEnvironment: setByEnvironment([...path, "with"]),
				...buildFunction(consumer),
			},
		};
	});
}

/** A value whose shape holds as a definition: every key there, null for what is not asked for. */
export function buildDefinition(
	value: ValueObject,
	environment: string,
	consumers: readonly ConsumerEntry[],
	itemSchema: ItemSchema | null,
): Definition {
	return {
		name: value.name as string,
		environment,
		description: (value.description as string | undefined) ?? null,
		owner: (value.owner as string | undefined) ?? null,
		enabled: value.enabled as boolean,
		tags: value.tags as Record<string, string>,
		itemSchema,
		logs: value.logs as Definition["logs"],
		table: buildTable(value.table as ValueObject),
		lake: buildLake(value.lake as ValueObject),
		fanOut: buildFanOut(value.fanOut as ValueObject),
		consumers: consumers.filter(({ enabled }) => enabled).map(({ settings }) => settings),
		secrets: { kmsKey: ((value.secrets as ValueObject).kmsKey as string | undefined) ?? null },
		alarms: buildAlarms(value.alarms as ValueObject),
	};
}

function buildTable(table: ValueObject): TableDefinition {
	const keys = table.keys as unknown as {
		partition: TableDefinition["keys"]["partition"];
		sort?: TableDefinition["keys"]["sort"];
	};
	return {
		keys: { partition: keys.partition, sort: keys.sort ?? null },
		ttl: (table.ttl as string | undefined) ?? null,
		viewType: table.viewType as TableDefinition["viewType"],
		billing: buildBilling(table.billing as ValueObject),
		pointInTimeRecoveryDays: table.pointInTimeRecoveryDays as number,
		deletionProtection: table.deletionProtection as boolean,
		tableClass: table.tableClass as TableDefinition["tableClass"],
		kmsKey: (table.kmsKey as string | undefined) ?? null,
		existing: (table.existing as string | undefined) ?? null,
		otherReaders: table.otherReaders as number,
		globalTable: table.globalTable as boolean,
	};
}

function buildBilling(billing: ValueObject): Billing {
	if (billing.mode === "provisioned")
		return { mode: "provisioned", readUnits: billing.readUnits as number, writeUnits: billing.writeUnits as number };
	return {
		mode: "on-demand",
		maxReadUnits: (billing.maxReadUnits as number | undefined) ?? null,
		maxWriteUnits: (billing.maxWriteUnits as number | undefined) ?? null,
	};
}

function buildLake(lake: ValueObject): LakeDefinition | null {
	if (lake.enabled === false) return null;
	return {
		...buildFunction(lake),
		compression: lake.compression as LakeDefinition["compression"],
		query: lake.query as boolean,
		retentionDays: (lake.retentionDays as number | undefined) ?? null,
	};
}

function buildFanOut(fanOut: ValueObject): FanOutDefinition {
	if (fanOut.mode === "direct") return { mode: "direct", ...buildFunction(fanOut) };
	const shards = (fanOut.shards as number | undefined) ?? 1;
	return {
		mode: "kinesis",
		capacity: fanOut.capacity === "on-demand" ? { mode: "on-demand" } : { mode: "provisioned", shards },
		retentionHours: fanOut.retentionHours as number,
		...buildFunction(fanOut),
	};
}

function buildAlarms(alarms: ValueObject): AlarmDefinition | null {
	if (alarms.enabled === false) return null;
	return {
		topic: (alarms.topic as string | undefined) ?? null,
		iteratorAgePercent: alarms.iteratorAgePercent as number,
		runbook: (alarms.runbook as string | undefined) ?? null,
	};
}

function buildFunction(settings: ValueObject): FunctionSettings {
	return {
		batchSize: settings.batchSize as number,
		maxBatchingWindowSeconds: settings.maxBatchingWindowSeconds as number,
		parallelization: settings.parallelization as number,
		memoryMb: settings.memoryMb as number,
		timeoutSeconds: settings.timeoutSeconds as number,
		reservedConcurrency: (settings.reservedConcurrency as number | undefined) ?? null,
	};
}

function buildRedrive({ mode, everyMinutes, maxAttempts }: ValueObject): ConsumerSettings["redrive"] {
	if (mode === "manual") return null;
	return { everyMinutes: everyMinutes as number, maxAttempts: maxAttempts as number };
}

/** An impossible time is left as written; a check refuses it. */
function buildStart(text: string): Start {
	if (text === "now" || text === "horizon") return text;
	return { at: toUtc(text) ?? text };
}

/** An ISO 8601 time with a zone as UTC; null if there is no such time. JavaScript takes 31 February for 3 March. */
export function toUtc(text: string): string | null {
	const [day = ""] = text.split("T");
	const midnight = Date.parse(`${day}T00:00:00Z`);
	const time = Date.parse(text);
	if (Number.isNaN(midnight) || Number.isNaN(time)) return null;
	return new Date(midnight).toISOString().startsWith(day) ? new Date(time).toISOString() : null;
}

function namesEvents(when: Value | undefined): boolean {
	if (!isObject(when)) return false;
	if (when.events !== undefined) return true;
	return Array.isArray(when.any) && when.any.every((member) => isObject(member) && member.events !== undefined);
}

/** For the hint on expired items: whether a condition lets them through. */
export function receivesExpired({ when }: ConsumerSettings): boolean {
	return (when?.events ?? ITEM_EVENTS).includes("EXPIRE");
}
