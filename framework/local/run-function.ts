import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeFunction } from "../bundle/build.ts";
import { type Bindings, bind } from "../contract/manifest.ts";
import type { PipelinePlan, PlannedFunction } from "../plan/types.ts";
import type { Clock } from "./clock.ts";
import { runBundle } from "./functions/bundled-function.ts";
import { functionEnvironment } from "./functions/environment.ts";
import { createGate } from "./functions/gate.ts";
import type { LocalFunction } from "./functions/invocation.ts";
import type { ServedFunction } from "./functions/lambda-service.ts";
import { openCheckpoints } from "./mapping/checkpoints.ts";
import { startMapping } from "./mapping/start-mapping.ts";
import type { BatchReport, RunningMapping } from "./mapping/types.ts";
import type { ShardedSource } from "./source.ts";

/** One batch on its way to one function. */
export interface DeliveryReport extends BatchReport {
	pipeline: string;
	functionId: string;
}

/** Changes a batch before its function sees it: members of `Records` as JSON text. For planting faults. */
export type Tamper = (functionId: string, pipeline: string, recordJson: string[]) => string[];

/** What every function of a run shares. */
export interface FunctionSurroundings {
	/** Where the code of the runtime and of the kinds lies. */
	projectRoot: string;
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

/** Bundles a function and lets its mapping feed it. */
export async function runFunction(
	pipeline: PipelinePlan,
	planned: PlannedFunction,
	streamArn: string,
	around: FunctionSurroundings,
): Promise<RunningFunction> {
	const container = await startBundle(planned, around);
	const { tamper, onDelivery } = around;
	const name = bind(planned.name, around.bindings);
	const settings = bind(planned.mapping, around.bindings);
	const gate = createGate();
	const functionArn = `arn:aws:lambda:${around.bindings.region}:${around.bindings.accountId}:function:${name}`;
	const mapping = startMapping({
		id: mappingId(name),
		source: around.sources[planned.source.type],
		sourceType: planned.source.type,
		streamArn,
		functionArn,
		settings,
		filters: planned.filters,
		checkpoints: openCheckpoints(join(around.dataDir, "mappings", `${name}.json`), streamArn, around.clock.now()),
		clock: around.clock,
		invoke(records) {
			const batch = tamper ? tamper(planned.id, pipeline.name, [...records]) : records;
			return gate.pass(() => container.invoke(`{"Records":[${batch.join(",")}]}`));
		},
		putFailure: (key, body) => around.putObject(settings.onFailure.bucket, key, body),
		onBatch: (report) => onDelivery?.({ ...report, pipeline: pipeline.name, functionId: planned.id }),
		onSourceLost: (error) => around.onSourceLost(name, error),
		onIdle: around.onIdle,
	});
	return {
		sourceType: planned.source.type,
		mapping: {
			...mapping,
			drain() {
				gate.open();
				return mapping.drain();
			},
		},
		served: {
			name,
			arn: functionArn,
			function: container,
			mapping: { id: mappingId(name), eventSourceArn: streamArn, batchSize: settings.batchSize, gate },
		},
		close: container.close,
	};
}

async function startBundle(planned: PlannedFunction, around: FunctionSurroundings): Promise<LocalFunction> {
	const name = bind(planned.name, around.bindings);
	const dir = join(around.dataDir, "functions", name);
	await writeFunction(dir, planned, around.bindings, around.projectRoot);
	return runBundle({
		bundle: pathToFileURL(join(dir, "index.mjs")).href,
		environment: functionEnvironment({
			functionName: name,
			memoryMb: planned.memoryMb,
			endpoint: around.endpoint,
			region: around.bindings.region,
			dataDir: around.dataDir,
		}),
		timeoutSeconds: planned.timeoutSeconds,
		reservedConcurrency: planned.reservedConcurrency,
		logFile: join(around.dataDir, "logs", `${name}.log`),
		clock: around.clock,
	});
}

/** The same for a function at each start, as the id of a mapping that stays is. */
function mappingId(functionName: string): string {
	const hash = createHash("sha256").update(functionName).digest("hex");
	return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
