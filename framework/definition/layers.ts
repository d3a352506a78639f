import type { DocumentPath, PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { type Annotated, annotate, annotateDefault, isObject, overlay, withMembers } from "./merge.ts";
import type { Source } from "./read.ts";
import type { Value, ValueObject } from "./values.ts";

/** What lies under everything: choices that decide which other settings there are, so that a schema cannot fill them in. */
const BASE: ValueObject = { fanOut: { mode: "kinesis" }, table: { billing: { mode: "on-demand" } } };

/** A definition for one environment: the defaults, the pipeline's file, the file's overlay, each laid over the one before. */
export function composeLayers(defaults: Source | null, pipeline: Source, environment: string): Annotated {
	const base = annotateDefault(BASE);
	const shared = defaults === null ? base : overlay(base, annotateShared(defaults), "upper");
	const own = overlay(shared, annotateFile(pipeline), "upper");
	const table = own.members.get("table");
	// A pipeline without `table` shall hear that `table` is missing, not what is missing in it.
	const written = table?.origin
		? own
		: withMembers(
				own,
				[...own.members].filter(([key]) => key !== "table"),
			);
	return layEnvironment(written, pipeline, environment);
}

function annotateFile(source: Source): Annotated {
	const { environments: _, ...value } = source.value;
	return annotate(source, value, []);
}

function annotateShared(source: Source): Annotated {
	const shared = Object.entries(source.value).filter(([key]) => !NOT_SHARED.includes(key));
	return annotate(source, Object.fromEntries(shared), []);
}

/** What belongs to one pipeline and so cannot lie under all. */
const NOT_SHARED = ["name", "description", "itemSchema", "consumers", "environments"];

/** What is wrong with the defaults themselves; the rest shows in the pipelines over them. */
export function checkDefaults({ value }: Source): PathDiagnostic[] {
	return NOT_SHARED.filter((key) => Object.hasOwn(value, key)).map((key) => ({
		code: "key-unknown",
		path: [key],
		at: "key",
		detail: `Defaults lie under every pipeline, and \`${key}\` is each pipeline's own.`,
		help: `Move \`${key}\` to the pipeline's file.`,
	}));
}

function layEnvironment(root: Annotated, source: Source, environment: string): Annotated {
	const all = source.value.environments;
	const layer = isObject(all) && Object.hasOwn(all, environment) ? all[environment] : undefined;
	if (!isObject(layer)) return root;
	const { name: _, environments: __, itemSchema: ___, consumers, ...rest } = layer;
	const path = ["environments", environment];
	const laid = overlay(root, annotate(source, rest, path), "lower");
	const list = laid.members.get("consumers");
	if (list === undefined || !isObject(consumers)) return laid;
	return withMembers(laid, [...laid.members, ["consumers", layConsumers(list, source, consumers, path)]]);
}

function layConsumers(list: Annotated, source: Source, overlays: ValueObject, path: DocumentPath): Annotated {
	const members = [...list.members].map(([index, consumer]) => {
		const name = consumer.members.get("name")?.value;
		const layer = typeof name === "string" && Object.hasOwn(overlays, name) ? overlays[name] : undefined;
		if (typeof name !== "string" || !isObject(layer)) return [index, consumer] as const;
		const { name: _, ...rest } = layer;
		const written = annotate(source, rest, [...path, "consumers", name], ["consumers", name]);
		return [index, overlay(consumer, written, "lower")] as const;
	});
	return withMembers(list, members);
}

/** What is wrong with a file's `environments` themselves; paths are the file's own. */
export function checkEnvironments({ value }: Source, known: readonly string[]): PathDiagnostic[] {
	const { environments } = value;
	if (environments === undefined) return [];
	if (!isObject(environments)) return [notAMapping(["environments"], "`environments` maps names to overlays.")];
	const names = consumerNames(value.consumers);
	return Object.entries(environments).flatMap(([environment, layer]) => {
		const path = ["environments", environment];
		if (!known.includes(environment))
			return [
				{
					code: "environment-unknown" as const,
					path,
					at: "key" as const,
					detail: `There is no environment "${environment}". Environments are \`local\` and each Pulumi.<environment>.yaml beside Pulumi.yaml.`,
					help: suggest(environment, known),
				},
			];
		if (!isObject(layer)) return [notAMapping(path, "An overlay maps settings to values.")];
		return [
			...checkIdentity(layer, path, IDENTITY),
			...checkOverlaidConsumers(layer.consumers, [...path, "consumers"], names),
		];
	});
}

function consumerNames(consumers: Value | undefined): string[] {
	if (!Array.isArray(consumers)) return [];
	return consumers.flatMap((consumer) =>
		isObject(consumer) && typeof consumer.name === "string" ? [consumer.name] : [],
	);
}

/** What tables, objects and items are by: other values would make another pipeline. */
const IDENTITY = ["name", "itemSchema", "environments"];

function checkIdentity(layer: ValueObject, path: DocumentPath, keys: readonly string[]): PathDiagnostic[] {
	return keys
		.filter((key) => Object.hasOwn(layer, key))
		.map((key) => ({
			code: "environment-identity",
			path: [...path, key],
			at: "key",
			detail: `\`${key}\` belongs to the pipeline as a whole and is the same in every environment.`,
			help: `Remove \`${key}\` here.`,
		}));
}

function checkOverlaidConsumers(consumers: Value | undefined, path: DocumentPath, known: string[]): PathDiagnostic[] {
	if (consumers === undefined) return [];
	if (!isObject(consumers))
		return [notAMapping(path, "In an environment, `consumers` maps names of consumers to what differs for them.")];
	return Object.entries(consumers).flatMap(([name, layer]) => {
		if (!known.includes(name))
			return [
				{
					code: "overlay-consumer-unknown" as const,
					path: [...path, name],
					at: "key" as const,
					detail: `The pipeline has no consumer "${name}". An overlay changes consumers; it does not add any.`,
					help: suggest(name, known),
				},
			];
		return isObject(layer)
			? checkIdentity(layer, [...path, name], ["name", "environments"])
			: [notAMapping([...path, name], "What differs for a consumer is a mapping.")];
	});
}

function notAMapping(path: DocumentPath, detail: string): PathDiagnostic {
	return { code: "value-type", path, at: "value", detail, help: "Write `key: value` lines below it." };
}
