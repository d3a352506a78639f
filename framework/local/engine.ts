import { type Bindings, bind, bindManifest } from "../contract/manifest.ts";
import { lakePrefix } from "../contract/places.ts";
import type { PipelinePlan, Plan, PlannedResource } from "../plan/types.ts";
import { planFunctions } from "./plan-functions.ts";
import { provision, type StreamArns } from "./provision.ts";
import { type Run, type RunOptions, startRun } from "./run.ts";

export type { DeliveryReport, Tamper } from "./run-function.ts";

export interface EngineOptions extends RunOptions {
	plan: Plan;
	/** Where the code of the runtime and of the kinds lies. */
	projectRoot: string;
}

export interface EnginePipeline {
	name: string;
	table: string;
	streamArn: string;
	/** null without a lake. */
	lakeBucket: string | null;
	lakePrefix: string | null;
}

export interface Engine extends Run {
	pipelines: EnginePipeline[];
}

/** Runs a plan on this machine. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
	const { plan, projectRoot } = options;
	let streamArns: StreamArns = { dynamodb: new Map(), kinesis: new Map() };
	const run = await startRun(options, async ({ clients, bindings }) => {
		streamArns = await provision(clients, bind(allResources(plan), bindings));
		return planFunctions(plan, streamArns, bindings, projectRoot);
	});
	return { ...run, pipelines: plan.pipelines.map((pipeline) => describePipeline(pipeline, run.bindings, streamArns)) };
}

const allResources = (plan: Plan): PlannedResource[] => [
	...plan.resources,
	...plan.pipelines.flatMap(({ resources }) => resources),
];

function describePipeline(pipeline: PipelinePlan, bindings: Bindings, streamArns: StreamArns): EnginePipeline {
	const manifests = pipeline.functions.map(({ manifest }) => bindManifest(manifest, bindings));
	const table = manifests[0]?.table.name ?? "";
	const lake = manifests.find((manifest) => manifest.lake)?.lake ?? null;
	return {
		name: pipeline.name,
		table,
		streamArn: streamArns.dynamodb.get(table) ?? "",
		lakeBucket: lake?.bucket ?? null,
		lakePrefix: lake ? lakePrefix(pipeline.name) : null,
	};
}
