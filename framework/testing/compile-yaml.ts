import { definitions as kinds } from "../../consumers/definitions.ts";
import { readDefinitions } from "../definition/index.ts";
import type { Definition } from "../definition/types.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { compilePlan } from "../plan/compile.ts";
import type { Plan } from "../plan/types.ts";

const KNOWN = ["local", "dev", "prod"];

/** A definition's text for one environment. Throws what its user would read if it is not valid. */
export function defineYaml(name: string, yaml: string, environment = "prod"): Definition[] {
	const file = { file: `${name}.yaml`, bytes: Buffer.from(yaml), defaults: null };
	const read = readDefinitions([file], { known: KNOWN, environments: [environment], kinds });
	if (hasErrors(read.diagnostics))
		throw new Error(read.diagnostics.map(({ path, detail }) => `${path}: ${detail}`).join("\n"));
	return read.definitions.get(environment) ?? [];
}

/** The plan of one definition, with the kinds that the project ships. */
export function planYaml(name: string, yaml: string, environment = "prod"): Plan {
	return compilePlan(defineYaml(name, yaml, environment), environment, kinds);
}
