import type { ConsumerDefinitions } from "../contract/consumer-definition.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type CompiledDefinition, compileDefinition, place } from "./compile.ts";
import { createItemSchemaLibrary, type ItemSchemaFiles } from "./item-schema/library.ts";
import type { ReadItemSchema } from "./item-schema/read-item-schema.ts";
import { checkDefaults, checkEnvironments } from "./layers.ts";
import { type InputFile, readSource, type Source } from "./read.ts";
import { findSharedTables } from "./shared-tables.ts";
import type { Definition } from "./types.ts";

export type { ItemSchemaFiles } from "./item-schema/library.ts";
export type { InputFile } from "./read.ts";

export interface PipelineFile extends InputFile {
	/** The layer under it, if there is one. Files that share it share the object. */
	defaults: InputFile | null;
}

export interface DefinitionOptions {
	/** Every environment there is; overlays for others are errors. */
	known: readonly string[];
	/** Those to compile for. */
	environments: readonly string[];
	kinds: ConsumerDefinitions;
	/** Item schemas that pipelines may name; without them there are none. */
	itemSchemas?: ItemSchemaFiles;
}

export interface Definitions {
	/** Per environment, by name; without the files that have errors. */
	definitions: Map<string, Definition[]>;
	/** By place. */
	diagnostics: Diagnostic[];
	/** Files that hold a pipeline, valid or not. */
	pipelines: number;
	/** Texts of the files, for excerpts. */
	sources: Map<string, string>;
	/** Those that pipelines name and that hold, by name. */
	itemSchemas: Map<string, ReadItemSchema>;
}

/** Text to definitions, for each environment, with everything that is wrong. Reads no file. */
export function readDefinitions(
	files: readonly PipelineFile[],
	{ known, environments, kinds, itemSchemas }: DefinitionOptions,
): Definitions {
	const diagnostics: Diagnostic[] = [];
	const sources = new Map<string, string>();
	const read = new Map<InputFile, Source | null>();
	const readOnce = (input: InputFile): Source | null => {
		if (!read.has(input)) {
			const result = readSource(input);
			read.set(input, result.source);
			sources.set(input.file, result.text);
			diagnostics.push(...result.diagnostics);
		}
		return read.get(input) ?? null;
	};

	const library = createItemSchemaLibrary(itemSchemas);
	const shared = new Set(files.flatMap(({ defaults }) => defaults ?? []));
	for (const source of [...shared].map(readOnce))
		if (source !== null)
			diagnostics.push(...checkDefaults(source).map((problem) => place(problem, { source, path: problem.path })));
	const pipelines = files.flatMap((file) => {
		const defaults = file.defaults && readOnce(file.defaults);
		const source = readOnce(file);
		return source === null ? [] : [{ source, defaults }];
	});
	const definitions = new Map<string, Definition[]>(environments.map((environment) => [environment, []]));
	for (const { source, defaults } of pipelines) {
		const named = library.find(source.value.itemSchema);
		const reported = [...checkName(source), ...checkEnvironments(source, known), ...named.problems];
		diagnostics.push(...reported.map((problem) => place(problem, { source, path: problem.path })));
		const compiled = environments.map(
			(environment) => [environment, compileDefinition(defaults, source, environment, kinds, named.schema)] as const,
		);
		for (const [environment, { definition }] of compiled)
			if (definition !== null && reported.length === 0 && !named.refused)
				definitions.get(environment)?.push(definition);
		diagnostics.push(...mergeEnvironments(compiled));
	}
	diagnostics.push(...library.diagnostics);
	for (const [file, text] of library.sources) sources.set(file, text);
	const own = pipelines.map(({ source }) => source);
	diagnostics.push(...findDuplicateNames(own));
	for (const [environment, list] of definitions) diagnostics.push(...findSharedTables(environment, list, own));
	for (const list of definitions.values()) list.sort((one, other) => compareText(one.name, other.name));
	return {
		definitions,
		diagnostics: diagnostics.sort(byPlace),
		pipelines: pipelines.length,
		sources,
		itemSchemas: library.schemas,
	};
}

function checkName({ file, value }: Source) {
	const stem =
		file
			.split(/[/\\]/)
			.at(-1)
			?.replace(/\.ya?ml$/, "") ?? file;
	if (typeof value.name !== "string" || value.name === stem) return [];
	return [
		{
			code: "name-mismatch" as const,
			path: ["name"],
			at: "value" as const,
			detail: `The pipeline is called "${value.name}" and its file "${stem}". One name finds both.`,
			help: `Write \`name: ${stem}\`, or rename the file to ${value.name}.yaml.`,
		},
	];
}

function findDuplicateNames(sources: readonly Source[]): Diagnostic[] {
	return sources.flatMap((source, index) => {
		const { name } = source.value;
		const first = sources.slice(0, index).find((other) => typeof name === "string" && other.value.name === name);
		if (first === undefined) return [];
		const detail = `${first.file} has a pipeline "${name}" too. Tables, functions and objects are named after it.`;
		return [
			place(
				{
					code: "name-duplicate",
					path: ["name"],
					at: "value",
					detail,
					help: "Give one of them another name, and its file too.",
				},
				{ source, path: ["name"] },
			),
		];
	});
}

/** What holds in every environment is said once; what holds in some says in which. */
function mergeEnvironments(compiled: readonly (readonly [string, CompiledDefinition])[]): Diagnostic[] {
	const found = new Map<string, { diagnostic: Diagnostic; environments: string[] }>();
	for (const [environment, { diagnostics }] of compiled)
		for (const diagnostic of diagnostics) {
			const key = JSON.stringify(diagnostic);
			const entry = found.get(key) ?? { diagnostic, environments: [] };
			if (!entry.environments.includes(environment)) entry.environments.push(environment);
			found.set(key, entry);
		}
	return [...found.values()].map(({ diagnostic, environments }) => {
		const isOverlay = diagnostic.path.startsWith("environments.");
		if (environments.length === compiled.length || isOverlay) return diagnostic;
		const names =
			environments.length === 1 ? `environment ${environments[0]}` : `environments ${environments.join(", ")}`;
		return { ...diagnostic, detail: `${diagnostic.detail} This holds in the ${names} only.` };
	});
}

function byPlace(one: Diagnostic, other: Diagnostic): number {
	return (
		compareText(one.file, other.file) ||
		one.line - other.line ||
		one.column - other.column ||
		compareText(one.code, other.code) ||
		compareText(one.detail, other.detail)
	);
}

function compareText(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
