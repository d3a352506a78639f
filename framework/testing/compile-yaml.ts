import { fileURLToPath } from "node:url";
import { definitions as kinds } from "../../consumers/definitions.ts";
import { type ItemSchemaFiles, readDefinitions } from "../definition/index.ts";
import type { Definition } from "../definition/types.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { compilePlan } from "../plan/compile.ts";
import type { Plan } from "../plan/types.ts";
import { findItemSchemas } from "../project/item-schemas.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

const KNOWN = ["local", "dev", "prod"];

/** Item schemas by name: those of the repository, unless a test has its own. */
export type ItemSchemas = Readonly<Record<string, object>>;

/** A definition's text for one environment. Throws what its user would read if it is not valid. */
export function defineYaml(name: string, yaml: string, environment = "prod", itemSchemas?: ItemSchemas): Definition[] {
	const file = { file: `${name}.yaml`, bytes: Buffer.from(yaml), defaults: null };
	const read = readDefinitions([file], {
		known: KNOWN,
		environments: [environment],
		kinds,
		itemSchemas: itemSchemas === undefined ? findItemSchemas(repository, repository).files : filesOf(itemSchemas),
	});
	if (hasErrors(read.diagnostics))
		throw new Error(read.diagnostics.map(({ path, detail }) => `${path}: ${detail}`).join("\n"));
	return read.definitions.get(environment) ?? [];
}

function filesOf(schemas: ItemSchemas): ItemSchemaFiles {
	const folder = "schemas/items";
	return {
		folder,
		names: Object.keys(schemas),
		read: (name) => ({ file: `${folder}/${name}.schema.json`, bytes: Buffer.from(JSON.stringify(schemas[name])) }),
	};
}

/** The plan of one definition, with the kinds that the project ships. */
export function planYaml(name: string, yaml: string, environment = "prod", itemSchemas?: ItemSchemas): Plan {
	return compilePlan(defineYaml(name, yaml, environment, itemSchemas), environment, kinds);
}
