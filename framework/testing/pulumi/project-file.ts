import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { isObject } from "./graph.ts";

/** What the CLI reads of a project before it starts its program. */
export interface ProjectFile {
	name: string;
	/** The folder of the program, in which it runs, and the program in it. */
	workingDirectory: string;
	main: string;
	/** `runtime.options`, as Pulumi's host for Node reads them. */
	typescript: boolean;
	nodeArguments: string[];
	/** Defaults of the project's own settings and of others, by full key. */
	config: Record<string, string>;
}

export function readProjectFile(root: string): ProjectFile {
	const document = readYaml(join(root, "Pulumi.yaml"));
	const name = String(document.name);
	const runtime = isObject(document.runtime) ? document.runtime : {};
	const options = isObject(runtime.options) ? runtime.options : {};
	const nodeArguments = typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/) : [];
	return {
		name,
		...entryPoint(root, document.main),
		typescript: options.typescript !== false,
		nodeArguments,
		config: flatten(name, document.config),
	};
}

/** `Pulumi.<stack>.yaml`: the settings of a stack. What is encrypted in it is left out: its key is elsewhere. */
export function readStackFile(root: string, project: string, stack: string): Record<string, string> {
	const path = join(root, `Pulumi.${stack}.yaml`);
	return existsSync(path) ? flatten(project, readYaml(path).config) : {};
}

/** As the CLI does it: the program runs in its own folder, so that `main` may be a file or a folder. */
function entryPoint(root: string, main: unknown): Pick<ProjectFile, "workingDirectory" | "main"> {
	if (typeof main !== "string") return { workingDirectory: root, main: "." };
	const path = resolve(root, main);
	return statSync(path).isDirectory()
		? { workingDirectory: path, main: "." }
		: { workingDirectory: dirname(path), main: basename(path) };
}

/** Full keys and texts: a bare key is the project's own; what is structured is sent as JSON. */
function flatten(project: string, config: unknown): Record<string, string> {
	if (!isObject(config)) return {};
	return Object.fromEntries(
		Object.entries(config).flatMap(([key, given]) => {
			const value = settingOf(given);
			return value === undefined ? [] : [[key.includes(":") ? key : `${project}:${key}`, configText(value)]];
		}),
	);
}

/** A project's setting may be a value, or a type with a default or a fixed value. */
function settingOf(given: unknown): unknown {
	if (!isObject(given)) return given;
	if ("secure" in given) return undefined;
	if ("value" in given) return given.value;
	if ("default" in given) return given.default;
	return "type" in given || "description" in given ? undefined : given;
}

export const configText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function readYaml(path: string): Record<string, unknown> {
	const document: unknown = parse(readFileSync(path, "utf8"));
	if (!isObject(document)) throw new Error(`${path} is not a mapping.`);
	return document;
}
