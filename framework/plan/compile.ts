import type { ConsumerDefinitions } from "../contract/consumer-definition.ts";
import type { Definition } from "../definition/types.ts";
import { planFunctions } from "./functions.ts";
import { planGuarantees } from "./guarantees.ts";
import { DEFAULT_NAME_PREFIX, namesOf } from "./names.ts";
import { planNotes } from "./notes.ts";
import { planEnvironment, planResources } from "./resources.ts";
import { type Scope, scopeDefinition } from "./scope.ts";
import { sortKeys } from "./serialize.ts";
import { type PipelinePlan, PLAN_FORMAT_VERSION, type Plan } from "./types.ts";

/**
 * Compiles validated definitions of one environment. Pure: the same definitions give the same plan, whatever their order.
 * `namePrefix` stands before every physical name and matches `NAME_PREFIX`.
 */
export function compilePlan(
	definitions: Definition[],
	environment: string,
	kinds: ConsumerDefinitions,
	namePrefix = DEFAULT_NAME_PREFIX,
): Plan {
	const names = namesOf(environment, namePrefix);
	const scopes = definitions
		.filter(({ enabled }) => enabled)
		.sort((one, other) => (one.name < other.name ? -1 : 1))
		.map((definition) => scopeDefinition(definition, environment, names, kinds));
	return sortKeys({
		formatVersion: PLAN_FORMAT_VERSION,
		environment,
		resources: planEnvironment(names, scopes),
		pipelines: scopes.map(planPipeline),
	});
}

function planPipeline(scope: Scope): PipelinePlan {
	const { definition, consumers } = scope;
	const functions = planFunctions(scope);
	return {
		name: definition.name,
		description: definition.description,
		owner: definition.owner,
		tags: definition.tags,
		topology: definition.fanOut.mode,
		...(definition.itemSchema && { itemSchema: definition.itemSchema }),
		functions,
		resources: planResources(scope, functions),
		targets: consumers.map(({ settings, contribution }) => ({
			consumer: settings.name,
			target: contribution.target,
		})),
		guarantees: planGuarantees(definition),
		notes: planNotes(scope, functions),
	};
}
