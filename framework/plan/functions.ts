import { MANIFEST_FORMAT_VERSION, type Manifest, type ManifestConsumer } from "../contract/manifest.ts";
import { TABLE_STREAM_RETENTION_HOURS } from "../contract/retention.ts";
import type { FunctionSettings, LakeDefinition } from "../definition/types.ts";
import { compileFilters } from "./filters.ts";
import { combineDirect, FROM_HORIZON, planMapping, positionOf, retentionHours } from "./mapping.ts";
import { streamConsumerId } from "./resources.ts";
import { lakeReadsKinesis, type Scope, type ScopedConsumer, tableName } from "./scope.ts";
import { planStatements } from "./statements.ts";
import type { Mapping, PlannedFunction } from "./types.ts";

/** Kinesis Data Streams API reference, PutRecords: data and partition key of a record, in bytes, unless the stream's limit was raised. */
const KINESIS_RECORD_BYTES = 1_048_576;

/** The lake if there is one, the router, and with Kinesis a function for each consumer. */
export function planFunctions(scope: Scope): PlannedFunction[] {
	const { lake, fanOut } = scope.definition;
	return [
		...(lake ? [planLake(scope, lake)] : []),
		fanOut.mode === "direct" ? planDirectRouter(scope) : planRouter(scope, fanOut),
		...(fanOut.mode === "kinesis" ? scope.consumers.map((consumer) => planConsumer(scope, consumer)) : []),
	];
}

function planLake(scope: Scope, lake: LakeDefinition): PlannedFunction {
	const bucket = scope.names.bucket("lake");
	return assemble(scope, {
		id: "lake",
		role: "lake",
		why: `Stores every record as JSON lines (${lake.compression}) in the lake bucket, all of a batch or none.`,
		...(lakeReadsKinesis(scope) ? readKinesis(scope, lake) : readTable(scope, lake)),
		manifest: { lake: { bucket, compression: lake.compression } },
	});
}

function planRouter(scope: Scope, settings: FunctionSettings): PlannedFunction {
	const stream = scope.names.stream(scope.definition.name);
	return assemble(scope, {
		id: "router",
		role: "router",
		why: "Forwards every record to the Kinesis stream, in order per item.",
		...readTable(scope, settings),
		manifest: { forward: { stream, maxRecordBytes: KINESIS_RECORD_BYTES } },
	});
}

function planDirectRouter(scope: Scope): PlannedFunction {
	return assemble(scope, {
		id: "router",
		role: "router",
		why: "Delivers to every consumer itself, in order per item.",
		...readTable(scope, combineDirect(scope.definition)),
		serves: scope.consumers,
	});
}

function planConsumer(scope: Scope, consumer: ScopedConsumer): PlannedFunction {
	const { settings } = consumer;
	return assemble(scope, {
		id: settings.name,
		role: "consumer",
		why: "Delivers at its own pace, with retries and dead letters of its own.",
		...readKinesis(scope, settings, {
			position: positionOf(settings.start),
			resource: settings.enhancedFanOut ? streamConsumerId(settings.name) : "fan-out",
		}),
		filters: compileFilters(settings.when, "kinesis").filters,
		serves: [consumer],
	});
}

/** A reader of the table's stream sees everything: a filter there would drop records for good. */
function readTable(scope: Scope, settings: FunctionSettings) {
	return {
		settings,
		source: { type: "dynamodb", resource: "table" } as const,
		filters: [],
		mapping: planMapping(settings, FROM_HORIZON, TABLE_STREAM_RETENTION_HOURS, scope),
	};
}

/** A reader of the Kinesis stream, of all of it unless it says otherwise. */
function readKinesis(scope: Scope, settings: FunctionSettings, { position = FROM_HORIZON, resource = "fan-out" } = {}) {
	return {
		settings,
		source: { type: "kinesis", resource } as const,
		filters: [] as object[],
		mapping: planMapping(settings, position, retentionHours(scope.definition.fanOut), scope),
	};
}

/** What the functions differ in. */
interface Parts {
	id: string;
	role: Manifest["role"];
	why: string;
	settings: FunctionSettings;
	source: PlannedFunction["source"];
	filters: object[];
	mapping: Mapping;
	serves?: ScopedConsumer[];
	manifest?: Partial<Pick<Manifest, "lake" | "forward">>;
}

function assemble(scope: Scope, parts: Parts): PlannedFunction {
	const { id, role, why, settings, source, filters, mapping, serves = [] } = parts;
	const planned: Omit<PlannedFunction, "statements"> = {
		id,
		name: scope.names.function(scope.definition.name, id),
		role,
		why,
		consumers: serves.map((consumer) => consumer.settings.name),
		kinds: distinct(serves.map((consumer) => consumer.settings.kind)),
		source,
		filters,
		mapping,
		memoryMb: settings.memoryMb,
		timeoutSeconds: settings.timeoutSeconds,
		reservedConcurrency: settings.reservedConcurrency,
		redrives: serves.flatMap(({ settings: { name, redrive } }) => (redrive ? [{ consumer: name, ...redrive }] : [])),
		secrets: distinct(serves.flatMap(({ contribution }) => contribution.secrets)),
		manifest: planManifest(scope, parts, serves),
	};
	const contributed = serves.flatMap(({ contribution }) => contribution.statements);
	return { ...planned, statements: planStatements(planned, scope, contributed) };
}

function planManifest(scope: Scope, parts: Parts, serves: ScopedConsumer[]): Manifest {
	const { environment, names, definition } = scope;
	const { keys, ttl, viewType } = definition.table;
	return {
		formatVersion: MANIFEST_FORMAT_VERSION,
		environment,
		pipeline: definition.name,
		function: parts.id,
		role: parts.role,
		table: { name: tableName(scope), keys, ttl, viewType },
		stateTable: names.stateTable(),
		operations: { bucket: names.bucket("operations") },
		logs: definition.logs,
		lake: null,
		forward: null,
		...parts.manifest,
		consumers: serves.map(planManifestConsumer),
	};
}

function planManifestConsumer({ settings, contribution }: ScopedConsumer): ManifestConsumer {
	return {
		name: settings.name,
		kind: settings.kind,
		settings: contribution.settings,
		condition: settings.when,
		budgetSeconds: settings.retry.budgetSeconds,
		concurrency: settings.concurrency,
		deduplicationHours: settings.deduplicationHours,
	};
}

function distinct(texts: readonly string[]): string[] {
	return [...new Set(texts)].sort();
}
