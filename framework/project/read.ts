import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { definitions as kinds } from "../../consumers/definitions.ts";
import { type Definitions, type InputFile, type PipelineFile, readDefinitions } from "../definition/index.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { UsageError } from "../diagnostics/usage-error.ts";
import { findItemSchemas } from "./item-schemas.ts";
import { describeUnreadable, readBytes } from "./read-bytes.ts";
import { findProjectRoot, isFolder, listEnvironments, seekProjectRoot } from "./root.ts";

const DEFAULTS = "defaults.yaml";

/** What a project's definitions come to. */
export interface Project extends Definitions {
	/** Files looked at: pipelines, defaults and those that cannot be read. */
	files: number;
	environments: string[];
}

/** Reads the definitions at these paths, or the project's own, for one environment or all. */
export function readProject(cwd: string, paths: readonly string[], environment?: string): Project {
	// Named files need no project around them; they know the environment `local` then.
	const root = paths.length === 0 ? findProjectRoot(cwd) : seekProjectRoot(cwd);
	const environments = listEnvironments(root);
	if (environment !== undefined && !environments.includes(environment))
		throw new UsageError(
			`There is no environment "${environment}". ${suggest(environment, environments)} Each is a file Pulumi.<environment>.yaml; \`local\` is always there.`,
		);
	const given = paths.length === 0 ? [join(root ?? cwd, "pipelines")] : paths.map((path) => resolveExisting(cwd, path));
	const { pipelines, defaults, unreadable } = readInputs([...new Set(given.flatMap(listFiles))], cwd);
	const schemas = findItemSchemas(root ?? cwd, cwd);
	const read = readDefinitions(pipelines, {
		known: environments,
		environments: environment === undefined ? environments : [environment],
		kinds,
		itemSchemas: schemas.files,
	});
	return {
		...read,
		diagnostics: [...unreadable, ...read.diagnostics],
		files: pipelines.length + defaults + unreadable.length + schemas.looked.size,
		environments,
	};
}

function resolveExisting(cwd: string, path: string): string {
	const resolved = resolve(cwd, path);
	if (!existsSync(resolved)) throw new UsageError(`There is no file or folder "${path}".`);
	return resolved;
}

/** A named file is taken as it is; of a folder, the pipelines and what lies under them. */
function listFiles(path: string): string[] {
	if (!isFolder(path)) return [path];
	return readdirSync(path)
		.filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
		.sort()
		.map((name) => join(path, name));
}

function readInputs(paths: readonly string[], cwd: string) {
	const unreadable: Diagnostic[] = [];
	const inputs = new Map<string, InputFile | null>();
	const readOnce = (path: string): InputFile | null => {
		if (!inputs.has(path)) {
			const file = relative(cwd, path).replaceAll("\\", "/");
			const bytes = readBytes(path);
			if (typeof bytes === "string") unreadable.push(describeUnreadable(file, bytes));
			inputs.set(path, typeof bytes === "string" ? null : { file, bytes });
		}
		return inputs.get(path) ?? null;
	};
	let defaults = 0;
	const pipelines = paths.flatMap((path): PipelineFile[] => {
		const layer = join(dirname(path), DEFAULTS);
		const isNew = !inputs.has(layer) && existsSync(layer);
		const under = existsSync(layer) ? readOnce(layer) : null;
		if (isNew && under !== null) defaults += 1;
		const own = basename(path) === DEFAULTS ? null : readOnce(path);
		return own === null ? [] : [{ ...own, defaults: under }];
	});
	return { pipelines, defaults, unreadable };
}
