import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suggest } from "../diagnostics/suggest.ts";
import { UsageError } from "../diagnostics/usage-error.ts";
import type { Hooks } from "./hooks.ts";
import { CONSTRUCTORS } from "./resource-classes.ts";

const FILE = "pipelines/hooks.ts";

/** The user's hooks; none if there is no such file. Throws UsageError if the file cannot be used. */
export async function loadHooks(root: string): Promise<Hooks> {
	const path = join(root, FILE);
	if (!existsSync(path)) return {};
	const { hooks } = await importFile(path);
	if (typeof hooks !== "object" || hooks === null)
		throw new UsageError(`${FILE} exports no \`hooks\`. Write \`export const hooks = defineHooks({ … });\`.`);
	const types = Object.keys(CONSTRUCTORS);
	for (const [type, hook] of Object.entries(hooks)) {
		if (!types.includes(type))
			throw new UsageError(`${FILE} has a hook for "${type}", which no deployment makes. ${suggest(type, types)}`);
		if (typeof hook !== "function")
			throw new UsageError(
				`${FILE}: the hook for "${type}" is no function. Write \`"${type}": ({ args }) => ({ args }),\`.`,
			);
	}
	return hooks as Hooks;
}

async function importFile(path: string): Promise<{ hooks?: unknown }> {
	try {
		return await import(pathToFileURL(path).href);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new UsageError(
			`${FILE} cannot be loaded: ${reason}\nNode runs it as it is, with the types left out; \`npm run types\` checks it.`,
		);
	}
}
