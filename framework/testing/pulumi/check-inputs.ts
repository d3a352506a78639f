import { suggest } from "../../diagnostics/suggest.ts";
import { assetOf, type Graph, isObject, isSecret, isUnknown, referenceOf, type Value } from "./graph.ts";
import type { InputProperties, InputType, ProviderTypes } from "./provider-types.ts";

export interface InputProblem {
	kind: "unknown" | "type" | "missing" | "value" | "deprecated";
	/** `aws:lambda/eventSourceMapping:EventSourceMapping orders.filterCriteria.filter: no such input. Did you mean "filters"?` */
	message: string;
}

/**
 * Holds each input of each AWS resource to the installed provider's own types.
 * What a preview does not know is let pass. A resource's constructor drops unknown inputs at its top level before anything
 * can see them: the compiler finds those, this finds the nested ones. What the engine itself provides is left out.
 */
export function checkInputs(graph: Graph, types: ProviderTypes): InputProblem[] {
	return graph.resources
		.filter(({ custom, type }) => custom && !type.startsWith("pulumi:index:"))
		.flatMap((resource) => {
			const properties = types.resource(resource.type);
			if (!properties)
				return [{ kind: "unknown" as const, message: `${referenceOf(resource)}: no such resource type.` }];
			const inputs = resource.type.startsWith("pulumi:providers:")
				? parseInputs(resource.inputs, properties)
				: resource.inputs;
			return checkObject(inputs, properties, referenceOf(resource), types);
		});
}

/** Holds a stack's settings of the provider (`aws:region`) to the provider's own; other settings are not looked at. */
export function checkProviderConfig(config: Readonly<Record<string, string>>, types: ProviderTypes): InputProblem[] {
	const properties = types.resource("pulumi:providers:aws");
	if (!properties) throw new Error("The provider declares no configuration.");
	const own = Object.entries(config).flatMap(([key, value]): [string, Value][] =>
		key.startsWith("aws:") ? [[key.slice("aws:".length), value]] : [],
	);
	return checkObject(parseInputs(Object.fromEntries(own), properties), properties, "aws", types);
}

/** A provider's settings travel as texts, JSON but for those that are texts. */
function parseInputs(inputs: Record<string, Value>, properties: InputProperties): Record<string, Value> {
	const entries = Object.entries(inputs).map(([key, value]): [string, Value] => {
		const known = properties[key]?.type.kind;
		return [key, typeof value === "string" && known && known !== "string" ? parsed(value) : value];
	});
	return Object.fromEntries(entries);
}

function parsed(text: string): Value {
	try {
		return JSON.parse(text) as Value;
	} catch {
		return text;
	}
}

function checkObject(
	value: Readonly<Record<string, Value>>,
	properties: InputProperties,
	path: string,
	types: ProviderTypes,
): InputProblem[] {
	const missing = Object.entries(properties)
		.filter(([name, { required }]) => required && (value[name] ?? null) === null)
		.map(([name]): InputProblem => ({ kind: "missing", message: `${path}.${name}: required` }));
	const given = Object.entries(value).flatMap(([name, member]): InputProblem[] => {
		const place = `${path}.${name}`;
		const property = properties[name];
		if (!property)
			return [{ kind: "unknown", message: `${place}: no such input. ${suggest(name, Object.keys(properties))}` }];
		const { deprecated, type } = property;
		const old: InputProblem[] =
			deprecated === null ? [] : [{ kind: "deprecated", message: `${place}: deprecated: ${deprecated}` }];
		return [...old, ...checkValue(member, type, place, types)];
	});
	return [...missing, ...given];
}

function checkValue(value: Value, type: InputType, path: string, types: ProviderTypes): InputProblem[] {
	if (isSecret(value)) return checkValue(value.$secret, type, path, types);
	if (value === null || isUnknown(value) || type.kind === "any") return [];
	const wrong: InputProblem[] = [{ kind: "type", message: `${path}: ${name(type)} expected, ${shape(value)} given` }];
	switch (type.kind) {
		case "list":
			return Array.isArray(value)
				? value.flatMap((member, index) => checkValue(member, type.items, `${path}[${index}]`, types))
				: wrong;
		case "map":
			return isPlain(value)
				? Object.entries(value).flatMap(([key, member]) => checkValue(member, type.values, `${path}.${key}`, types))
				: wrong;
		case "object":
			return isPlain(value) ? checkObject(value, types.nested(type.name), path, types) : wrong;
		case "enum":
			return typeof value === "string" ? checkWord(value, type, path) : wrong;
		case "oneOf":
			return checkOneOf(value, type.types, path, types) ?? wrong;
		case "asset":
		case "archive":
			return assetOf(value)?.kind === type.kind ? [] : wrong;
		case "resource":
			return isReference(value) ? [] : wrong;
		default:
			// The kinds left are typeof's own words.
			return typeof value === type.kind || (type.kind === "string" && isReference(value)) ? [] : wrong;
	}
}

/** The answer of the only type that fits the value's shape; null if none does. */
function checkOneOf(value: Value, options: InputType[], path: string, types: ProviderTypes): InputProblem[] | null {
	// An enum beside a plain text is open: AWS may know more words than the provider lists, but none of ours should be new to it.
	const word = options.find((option) => option.kind === "enum");
	if (word && typeof value === "string") return checkValue(value, word, path, types);
	const answers = options.map((option) => checkValue(value, option, path, types));
	return answers.find((problems) => problems.length === 0) ?? answers.find(([first]) => first?.kind !== "type") ?? null;
}

function checkWord(value: string, type: InputType & { kind: "enum" }, path: string): InputProblem[] {
	if (!type.values.includes(value)) {
		const known = type.values.filter((word) => !type.deprecated.includes(word));
		return [{ kind: "value", message: `${path}: ${value} is no ${type.name}. ${suggest(value, known)}` }];
	}
	return type.deprecated.includes(value) ? [{ kind: "deprecated", message: `${path}: ${value} is deprecated` }] : [];
}

const isReference = (value: Value): boolean => isObject(value) && "$resource" in value;

/** An object that is nothing else: not an asset, not a resource. */
const isPlain = (value: Value): value is Record<string, Value> =>
	isObject(value) && assetOf(value) === null && !isReference(value as Value);

function name(type: InputType): string {
	if (type.kind === "oneOf") return type.types.map(name).join(" or ");
	return type.kind === "object" || type.kind === "enum" ? type.name : type.kind;
}

function shape(value: Value): string {
	if (Array.isArray(value)) return "list";
	if (isReference(value)) return "resource";
	return assetOf(value)?.kind ?? typeof value;
}
