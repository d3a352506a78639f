import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Bindings, Manifest } from "../contract/manifest.ts";
import type { Mapping, PlannedFunction } from "../plan/types.ts";
import type { Clock } from "./clock.ts";
import { runBundle } from "./functions/bundled-function.ts";
import { functionEnvironment } from "./functions/environment.ts";
import { createGate } from "./functions/gate.ts";
import type { LocalFunction } from "./functions/invocation.ts";
import type { ServedFunction } from "./functions/lambda-service.ts";
import { type ScheduleTask, startSchedule } from "./functions/schedule.ts";
import { openCheckpoints } from "./mapping/checkpoints.ts";
import { startMapping } from "./mapping/start-mapping.ts";
import type { BatchReport, RunningMapping } from "./mapping/types.ts";
import type { ShardedSource } from "./source.ts";

/** A function and the mapping that feeds it, as Lambda is told of both. Names are those of this place. */
export interface FunctionTask {
	name: string;
	/** What its code reads of the plan; for reports, and for the receiver. */
	manifest: Manifest;
	memoryMb: number;
	timeoutSeconds: number;
	/** null = unreserved. */
	reservedConcurrency: number | null;
	/** Environment variables beside Lambda's own. */
	variables: Readonly<Record<string, string>>;
	source: { type: PlannedFunction["source"]["type"]; streamArn: string };
	mapping: Mapping;
	filters: readonly object[];
	/** What it is invoked with beside its mapping's batches. */
	schedules: readonly ScheduleTask[];
	/** Writes `index.mjs`, which exports `handler`, and what it reads beside itself. */
	writeCode(directory: string): Promise<unknown>;
}

/** One batch on its way to one function. */
export interface DeliveryReport extends BatchReport {
	pipeline: string;
	functionId: string;
}

/** Changes a batch before its function sees it: members of `Records` as JSON text. For planting faults. */
export type Tamper = (functionId: string, pipeline: string, recordJson: string[]) => string[];

/** What every function of a run shares. */
export interface FunctionSurroundings {
	dataDir: string;
	endpoint: string;
	bindings: Bindings;
	clock: Clock;
	sources: Readonly<Record<PlannedFunction["source"]["type"], ShardedSource>>;
	putObject(bucket: string, key: string, body: string): Promise<void>;
	onDelivery?: ((report: DeliveryReport) => void) | undefined;
	onSourceLost(functionName: string, error: Error): void;
	onIdle(): void;
	tamper?: Tamper | undefined;
}

export interface RunningFunction {
	sourceType: PlannedFunction["source"]["type"];
	mapping: RunningMapping;
	served: ServedFunction;
	close(): Promise<void>;
}

/** Starts a function and lets its mapping feed it. */
export async function runFunction(task: FunctionTask, around: FunctionSurroundings): Promise<RunningFunction> {
	const container = await startBundle(task, around);
	const { tamper, onDelivery } = around;
	const { name, source, mapping: settings } = task;
	const { pipeline, function: functionId } = task.manifest;
	const gate = createGate();
	const functionArn = `arn:aws:lambda:${around.bindings.region}:${around.bindings.accountId}:function:${name}`;
	const mapping = startMapping({
		id: mappingId(name),
		source: around.sources[source.type],
		sourceType: source.type,
		streamArn: source.streamArn,
		functionArn,
		settings,
		filters: task.filters,
		checkpoints: openCheckpoints(
			join(around.dataDir, "mappings", `${name}.json`),
			source.streamArn,
			around.clock.now(),
		),
		clock: around.clock,
		invoke(records) {
			const batch = tamper ? tamper(functionId, pipeline, [...records]) : records;
			return gate.pass(() => container.invoke(`{"Records":[${batch.join(",")}]}`));
		},
		putFailure: (key, body) => around.putObject(settings.onFailure.bucket, key, body),
		onBatch: (report) => onDelivery?.({ ...report, pipeline, functionId }),
		onSourceLost: (error) => around.onSourceLost(name, error),
		onIdle: around.onIdle,
	});
	const schedules = task.schedules.map((schedule) =>
		startSchedule(schedule, around.clock, container.invoke, around.onIdle),
	);
	return {
		sourceType: source.type,
		mapping: {
			...mapping,
			idle: () => mapping.idle() && schedules.every((schedule) => schedule.idle()),
			async drain() {
				await Promise.all(schedules.map((schedule) => schedule.stop()));
				gate.open();
				await mapping.drain();
			},
		},
		served: {
			name,
			arn: functionArn,
			function: container,
			mapping: { id: mappingId(name), eventSourceArn: source.streamArn, batchSize: settings.batchSize, gate },
		},
		close: container.close,
	};
}

async function startBundle(task: FunctionTask, around: FunctionSurroundings): Promise<LocalFunction> {
	const { name, memoryMb, timeoutSeconds, reservedConcurrency, variables } = task;
	const dir = join(around.dataDir, "functions", name);
	await task.writeCode(dir);
	const { endpoint, dataDir } = around;
	const own = functionEnvironment({ functionName: name, memoryMb, endpoint, region: around.bindings.region, dataDir });
	return runBundle({
		bundle: pathToFileURL(join(dir, "index.mjs")).href,
		environment: { ...variables, ...own },
		timeoutSeconds,
		reservedConcurrency,
		logFile: join(dataDir, "logs", `${name}.log`),
		clock: around.clock,
	});
}

/** The same for a function at each start, as the id of a mapping that stays is. */
function mappingId(functionName: string): string {
	const hash = createHash("sha256").update(functionName).digest("hex");
	return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
