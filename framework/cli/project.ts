import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { definitions as kinds } from "../../consumers/definitions.ts";
import { type Definitions, type InputFile, type PipelineFile, readDefinitions } from "../definition/index.ts";
import { DIAGNOSTIC_CODES } from "../diagnostics/codes.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { renderHuman } from "../diagnostics/render-human.ts";
import { suggest } from "../diagnostics/suggest.ts";
import type { Plan } from "../plan/types.ts";
import { type Io, UsageError } from "./command.ts";

const DEFAULTS = "defaults.yaml";

/** What a project's definitions come to. */
export interface Project extends Definitions {
	/** Files looked at: pipelines, defaults and those that cannot be read. */
	files: number;
	environments: string[];
}

/** The nearest folder, from here upwards, that has a `pipelines` folder. Throws UsageError if there is none. */
export function findProjectRoot(cwd: string): string {
	const root = seekProjectRoot(cwd);
	if (root !== null) return root;
	throw new UsageError("There is no folder `pipelines` here or above. Run this in a project.");
}

function seekProjectRoot(cwd: string): string | null {
	for (let folder = resolve(cwd); ; folder = dirname(folder)) {
		if (isFolder(join(folder, "pipelines"))) return folder;
		if (folder === dirname(folder)) return null;
	}
}

/** `local` and each stack: the environments are those of Pulumi, `Pulumi.<environment>.yaml`. */
export function listEnvironments(root: string | null): string[] {
	const names = root === null ? [] : readdirSync(root);
	const stacks = names.flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? []);
	return [...new Set(["local", ...stacks.sort()])];
}

/** Reads the definitions at these paths, or the project's own, for one environment or all. */
export function readProject(io: Pick<Io, "cwd">, paths: readonly string[], environment?: string): Project {
	// Named files need no project around them; they know the environment `local` then.
	const root = paths.length === 0 ? findProjectRoot(io.cwd) : seekProjectRoot(io.cwd);
	const environments = listEnvironments(root);
	if (environment !== undefined && !environments.includes(environment))
		throw new UsageError(
			`There is no environment "${environment}". ${suggest(environment, environments)} Each is a file Pulumi.<environment>.yaml; \`local\` is always there.`,
		);
	const given =
		paths.length === 0 ? [join(root ?? io.cwd, "pipelines")] : paths.map((path) => resolveExisting(io.cwd, path));
	const { pipelines, defaults, unreadable } = readInputs([...new Set(given.flatMap(listFiles))], io.cwd);
	const read = readDefinitions(pipelines, {
		known: environments,
		environments: environment === undefined ? environments : [environment],
		kinds,
	});
	return {
		...read,
		diagnostics: [...unreadable, ...read.diagnostics],
		files: pipelines.length + defaults + unreadable.length,
		environments,
	};
}

/** The plan of an environment, of some pipelines or all; null if definitions have errors, which are printed then. */
export async function loadPlan(
	io: Io,
	{ env = "local", names = [] }: { env?: string; names?: readonly string[] },
): Promise<Plan | null> {
	const project = readProject(io, [], env);
	if (hasErrors(project.diagnostics)) {
		io.stderr(renderHuman(project.diagnostics, { sources: project.sources, colour: io.terminal }));
		return null;
	}
	const definitions = (project.definitions.get(env) ?? []).filter(({ enabled }) => enabled);
	const known = definitions.map(({ name }) => name);
	for (const name of names)
		if (!known.includes(name))
			throw new UsageError(`There is no pipeline "${name}" in the environment ${env}. ${suggest(name, known)}`);
	const chosen = names.length === 0 ? definitions : definitions.filter(({ name }) => names.includes(name));
	// Only now: `validate` does not pay for the planner.
	const { compilePlan } = await import("../plan/compile.ts");
	return compilePlan(chosen, env, kinds);
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

/** A file's bytes, or why there are none. */
function readBytes(path: string): Uint8Array | string {
	try {
		return readFileSync(path);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code ?? String(error);
	}
}

function describeUnreadable(file: string, reason: string): Diagnostic {
	return {
		code: "file-unreadable",
		...DIAGNOSTIC_CODES["file-unreadable"],
		file,
		line: 1,
		column: 1,
		endLine: 1,
		endColumn: 1,
		path: "",
		detail: `The system answers ${reason}.`,
		help: "Look at its permissions and at what it links to, or remove it.",
	};
}

function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
