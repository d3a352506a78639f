import type { Plan } from "../plan/types.ts";
import { bindPlan } from "./bind-plan.ts";
import { Environment } from "./components/environment.ts";
import { Pipeline } from "./components/pipeline.ts";
import type { Hooks } from "./hooks.ts";
import type { Settings } from "./settings.ts";

/** The outputs of a stack. */
export interface Outputs {
	environment: string;
	/** By name. */
	pipelines: Record<string, Pipeline["outputs"]>;
}

/** Makes what a plan asks for, and nothing else. Reads no configuration, file or clock. */
export function deploy(plan: Plan, settings: Settings, hooks: Hooks = {}): Outputs {
	const deployment = { plan: bindPlan(plan, settings), settings, hooks };
	const environment = new Environment(deployment);
	const outputs = deployment.plan.pipelines.map((pipeline) => {
		const made = new Pipeline(deployment, environment, pipeline);
		return [pipeline.name, made.outputs] as const;
	});
	return { environment: plan.environment, pipelines: Object.fromEntries(outputs) };
}
