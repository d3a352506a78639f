import type { ConsumerDefinitions } from "../contract/consumer-definition.ts";
import type { Definition } from "../definition/types.ts";
import { contribute } from "./contributions.ts";
import { type PlannedConsumer, planFunctions } from "./functions.ts";
import { noteLimits, planGuarantees } from "./guarantees.ts";
import { planResources, planSharedResources } from "./resources.ts";
import { type PipelinePlan, PLAN_FORMAT_VERSION, type Plan } from "./types.ts";

/**
 * Compiles an environment's validated definitions to its plan. Pure and total: what can be wrong was refused before.
 * Pipelines that are not enabled are left out.
 */
export function compilePlan(definitions: readonly Definition[], environment: string, kinds: ConsumerDefinitions): Plan {
	const enabled = definitions.filter((definition) => definition.enabled).sort((a, b) => (a.name < b.name ? -1 : 1));
	const planned = enabled.map((definition) => {
		const consumers = definition.consumers.map((settings) => ({
			settings,
			contribution: contribute(definition, settings, kinds),
		}));
		return { consumers, pipeline: compilePipeline(definition, consumers) };
	});
	const contributed = planned.flatMap(({ consumers }) =>
		consumers.flatMap(({ contribution }) => contribution.resources),
	);
	return {
		formatVersion: PLAN_FORMAT_VERSION,
		environment,
		resources: planSharedResources(environment, enabled, contributed),
		pipelines: planned.map(({ pipeline }) => pipeline),
	};
}

function compilePipeline(definition: Definition, consumers: readonly PlannedConsumer[]): PipelinePlan {
	const { functions, notes } = planFunctions(definition, consumers);
	return {
		name: definition.name,
		description: definition.description,
		owner: definition.owner,
		tags: definition.tags,
		topology: definition.fanOut.mode,
		functions,
		resources: planResources(definition),
		guarantees: planGuarantees(definition),
		notes: [...noteLimits(definition), ...notes],
	};
}
