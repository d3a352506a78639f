import { type Bindings, bind, bindManifest } from "../contract/manifest.ts";
import type { PipelinePlan, Plan, PlannedFunction } from "../plan/types.ts";

/** The plan with the names of its place. Filters and conditions are compared with users' data and stay untouched. */
export function bindPlan(plan: Plan, bindings: Bindings): Plan {
	return {
		...plan,
		resources: bind(plan.resources, bindings),
		pipelines: plan.pipelines.map((pipeline) => bindPipeline(pipeline, bindings)),
	};
}

function bindPipeline(pipeline: PipelinePlan, bindings: Bindings): PipelinePlan {
	return {
		...pipeline,
		resources: bind(pipeline.resources, bindings),
		functions: pipeline.functions.map((planned) => bindFunction(planned, bindings)),
	};
}

function bindFunction(planned: PlannedFunction, bindings: Bindings): PlannedFunction {
	return {
		...planned,
		mapping: bind(planned.mapping, bindings),
		statements: bind(planned.statements, bindings),
		manifest: bindManifest(planned.manifest, bindings),
	};
}
