import { MANIFEST_FORMAT_VERSION, type Manifest, type ManifestConsumer } from "../contract/manifest.ts";
import { recordAgeBackstop, TABLE_STREAM_RETENTION_HOURS } from "../contract/retention.ts";
import type { ConsumerSettings, Definition, FunctionSettings, Start } from "../definition/types.ts";
import type { Contribution } from "./contributions.ts";
import { compileFilters } from "./filters.ts";
import { bucketName, nameOf, stateTableName } from "./names.ts";
import type { Mapping, PlannedFunction } from "./types.ts";

/** Most retries a mapping can make (Lambda API reference): the age ends them first. */
const MOST_RETRIES = 10_000;

/** Bytes of data and partition key that a Kinesis stream takes unless it is told otherwise (Kinesis quotas). */
const KINESIS_RECORD_BYTES = 1_048_576;

/** A consumer with what its kind contributed. */
export interface PlannedConsumer {
	settings: ConsumerSettings;
	contribution: Contribution;
}

/** The functions of a pipeline and, for people, what their filters leave to them. */
export function planFunctions(definition: Definition, consumers: readonly PlannedConsumer[]) {
	const planned = [...planLake(definition), planRouter(definition, consumers)];
	if (definition.fanOut.mode === "direct") return { functions: planned, notes: noteShared(definition) };
	const { retentionHours } = definition.fanOut;
	const own = consumers.map((consumer) => planConsumer(definition, consumer, retentionHours));
	return { functions: [...planned, ...own.map(({ planned }) => planned)], notes: own.flatMap(({ notes }) => notes) };
}

function planLake(definition: Definition): PlannedFunction[] {
	const { lake } = definition;
	if (lake === null) return [];
	const manifest = manifestOf(definition, "lake", "lake", []);
	manifest.lake = { bucket: bucketName(definition.environment, "lake"), compression: lake.compression };
	const why = "stores every record of the table's stream, for audit, re-runs and queries";
	return [{ ...functionOf(definition, manifest, lake, []), why, ...readsTable(definition, lake) }];
}

function planRouter(definition: Definition, consumers: readonly PlannedConsumer[]): PlannedFunction {
	const { fanOut, environment, name } = definition;
	const direct = fanOut.mode === "direct";
	const settings = direct ? shareSettings([fanOut, ...consumers.map(({ settings }) => settings)]) : fanOut;
	const manifest = manifestOf(definition, "router", "router", direct ? consumers : []);
	if (!direct) manifest.forward = { stream: nameOf("stream", environment, name), maxRecordBytes: KINESIS_RECORD_BYTES };
	const why = direct
		? "delivers every record of the table's stream to all consumers itself"
		: "writes every record of the table's stream to Kinesis, in order per item";
	return {
		...functionOf(definition, manifest, settings, direct ? consumers : []),
		why,
		...readsTable(definition, settings),
	};
}

function planConsumer(definition: Definition, consumer: PlannedConsumer, retentionHours: number) {
	const { settings } = consumer;
	const { filters, notes } = compileFilters(settings.when, "kinesis");
	const planned: PlannedFunction = {
		...functionOf(definition, manifestOf(definition, settings.name, "consumer", [consumer]), settings, [consumer]),
		why: `delivers to ${consumer.contribution.target}`,
		source: { type: "kinesis", resource: settings.enhancedFanOut ? `fan-out-${settings.name}` : "fan-out" },
		filters,
		mapping: mappingOf(definition, settings, retentionHours, settings.start),
	};
	return { planned, notes: notes.map((note) => `${settings.name}: ${note}`) };
}

/** One function for all: the strictest batch, the largest size that one of them asks for. */
function shareSettings(all: readonly FunctionSettings[]): FunctionSettings {
	const least = (key: keyof FunctionSettings) => Math.min(...all.map((settings) => settings[key]));
	const most = (key: keyof FunctionSettings) => Math.max(...all.map((settings) => settings[key]));
	return {
		batchSize: least("batchSize"),
		maxBatchingWindowSeconds: least("maxBatchingWindowSeconds"),
		parallelization: least("parallelization"),
		memoryMb: most("memoryMb"),
		timeoutSeconds: most("timeoutSeconds"),
	};
}

function noteShared({ consumers }: Definition): string[] {
	if (consumers.length === 0) return [];
	return [
		"The router serves all consumers: its batch size, window and parallelization are the least, its memory and timeout the most that fanOut or one of them asks for.",
	];
}

function functionOf(
	definition: Definition,
	manifest: Manifest,
	{ memoryMb, timeoutSeconds }: FunctionSettings,
	consumers: readonly PlannedConsumer[],
): Omit<PlannedFunction, "why" | "source" | "filters" | "mapping"> {
	return {
		id: manifest.function,
		name: nameOf("function", definition.environment, definition.name, manifest.function),
		role: manifest.role,
		consumers: consumers.map(({ settings }) => settings.name),
		kinds: [...new Set(consumers.map(({ settings }) => settings.kind))].sort(),
		memoryMb,
		timeoutSeconds,
		secrets: [...new Set(consumers.flatMap(({ contribution }) => contribution.secrets))].sort(),
		manifest,
	};
}

/** What lake and router have in common: they read the stream from its oldest record, and all of it. */
function readsTable(definition: Definition, settings: FunctionSettings) {
	return {
		source: { type: "dynamodb" as const, resource: "table" },
		filters: [],
		mapping: mappingOf(definition, settings, TABLE_STREAM_RETENTION_HOURS, "horizon"),
	};
}

function mappingOf(definition: Definition, settings: FunctionSettings, retentionHours: number, start: Start): Mapping {
	return {
		...startingPosition(start),
		batchSize: settings.batchSize,
		maximumBatchingWindowInSeconds: settings.maxBatchingWindowSeconds,
		parallelizationFactor: settings.parallelization,
		maximumRetryAttempts: MOST_RETRIES,
		maximumRecordAgeInSeconds: recordAgeBackstop(retentionHours),
		bisectBatchOnFunctionError: true,
		functionResponseTypes: ["ReportBatchItemFailures"],
		onFailure: { bucket: bucketName(definition.environment, "operations") },
	};
}

function startingPosition(start: Start): Pick<Mapping, "startingPosition" | "startingPositionTimestamp"> {
	if (start === "horizon") return { startingPosition: "TRIM_HORIZON", startingPositionTimestamp: null };
	return {
		startingPosition: "AT_TIMESTAMP",
		startingPositionTimestamp: start === "now" ? "first-deployment" : start.at,
	};
}

function manifestOf(
	{ environment, name, table }: Definition,
	id: string,
	role: Manifest["role"],
	consumers: readonly PlannedConsumer[],
): Manifest {
	return {
		formatVersion: MANIFEST_FORMAT_VERSION,
		environment,
		pipeline: name,
		function: id,
		role,
		table: { name: nameOf("table", environment, name), keys: table.keys, ttl: table.ttl, viewType: table.viewType },
		stateTable: stateTableName(environment),
		operations: { bucket: bucketName(environment, "operations") },
		lake: null,
		forward: null,
		consumers: consumers.map(manifestConsumer),
	};
}

function manifestConsumer({ settings, contribution }: PlannedConsumer): ManifestConsumer {
	return {
		name: settings.name,
		kind: settings.kind,
		settings: contribution.settings,
		condition: settings.when,
		budgetSeconds: settings.retry.budgetSeconds,
		concurrency: settings.concurrency,
	};
}
