import { definitions as kinds } from "../../consumers/definitions.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { UsageError } from "../diagnostics/usage-error.ts";
import type { Plan } from "../plan/types.ts";
import type { Project } from "./read.ts";

export interface PlanChoice {
	environment: string;
	/** Pipelines to plan; empty = all that are enabled. */
	names: readonly string[];
	/** What physical names begin with, if not `tributary`. */
	namePrefix?: string;
}

/** The plan of some pipelines of a project without errors, or of all. Throws UsageError for a name that is not there. */
export async function planProject(project: Project, { environment, names, namePrefix }: PlanChoice): Promise<Plan> {
	const definitions = (project.definitions.get(environment) ?? []).filter(({ enabled }) => enabled);
	const known = definitions.map(({ name }) => name);
	for (const name of names)
		if (!known.includes(name))
			throw new UsageError(`There is no pipeline "${name}" in the environment ${environment}. ${suggest(name, known)}`);
	const chosen = names.length === 0 ? definitions : definitions.filter(({ name }) => names.includes(name));
	// Only now: `validate` does not pay for the planner.
	const { compilePlan } = await import("../plan/compile.ts");
	return compilePlan(chosen, environment, kinds, namePrefix);
}
