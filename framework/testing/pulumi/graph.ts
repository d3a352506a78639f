/**
 * What a Pulumi program asked its engine for, as plain data: what the engine was told, not what the program meant.
 * Values are JSON, with objects of one `$` key for what JSON lacks.
 */
export interface Graph {
	project: string;
	stack: string;
	/** In the order in which they arrived; the stack itself is left out. */
	resources: GraphResource[];
	/** Data sources called, in order. */
	invokes: GraphInvoke[];
	/** Resources looked up by their id (`Table.get`), not made. */
	reads: GraphRead[];
	/** The stack's outputs. */
	outputs: Record<string, Value>;
}

export interface GraphResource {
	urn: string;
	/** `aws:dynamodb/table:Table` */
	type: string;
	/** The logical name. */
	name: string;
	/** The reference of its parent, null below the stack. */
	parent: string | null;
	/** False for a component, which no provider makes. */
	custom: boolean;
	/** The physical id; empty in a preview of what is not there yet, and for a component. */
	id: string;
	inputs: Record<string, Value>;
	/** What the provider, or the test in its stead, answered. */
	outputs: Record<string, Value>;
	options: ResourceOptions;
	/** Input -> references of the resources it was made of. Inputs made of none are left out. */
	propertyDependencies: Record<string, string[]>;
	/** References of all resources it waits for, sorted. */
	dependencies: string[];
}

/** Only options that were set. */
export interface ResourceOptions {
	protect?: boolean;
	retainOnDelete?: boolean;
	deleteBeforeReplace?: boolean;
	ignoreChanges?: string[];
	replaceOnChanges?: string[];
	/** A value whose change replaces the resource. */
	replacementTrigger?: Value;
	hideDiffs?: string[];
	additionalSecretOutputs?: string[];
	/** URNs, as the engine resolves them. */
	aliases?: string[];
	/** References that no input names. */
	dependsOn?: string[];
	deletedWith?: string;
	/** Reference of an explicit provider. */
	provider?: string;
	/** Component only: package -> reference of a provider for its children. */
	providers?: Record<string, string>;
	version?: string;
	import?: string;
	customTimeouts?: Record<string, string>;
}

export interface GraphInvoke {
	/** `aws:dynamodb/getTable:getTable` */
	token: string;
	args: Record<string, Value>;
}

export interface GraphRead {
	type: string;
	name: string;
	id: string;
}

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type SecretValue = { $secret: Value };
/** What a preview cannot know. */
export type UnknownValue = { $unknown: true };
/** A reference to a resource passed as a whole. */
export type ReferenceValue = { $resource: string };

/** A file or text (asset), or several under names (archive). */
export interface AssetValue {
	kind: "asset" | "archive";
	/** As the program gave it, which is what a state keeps; null for text, and for an archive listed by its entries. */
	path: string | null;
	/** Where that is on this machine. */
	file: string | null;
	/** SHA-256 of the content, in hex. */
	hash: string;
	/** An asset given as text. */
	text?: string;
	/** An archive's entries by their path in it. */
	entries?: Record<string, AssetValue>;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

export const isSecret = (value: unknown): value is SecretValue => isObject(value) && "$secret" in value;
export const isUnknown = (value: unknown): value is UnknownValue => isObject(value) && value.$unknown === true;

/** The asset or archive a value stands for, if it does. */
export function assetOf(value: unknown): AssetValue | null {
	return isObject(value) && isObject(value.$asset) ? (value.$asset as unknown as AssetValue) : null;
}

/** How one resource names another: `type name`. */
export const referenceOf = ({ type, name }: { type: string; name: string }): string => `${type} ${name}`;

/** The same with what is secret laid open: for tests that ask what a function is given, not for anything printed. */
export function reveal(value: Value): Value {
	if (Array.isArray(value)) return value.map(reveal);
	if (!isObject(value)) return value;
	if (isSecret(value)) return reveal(value.$secret);
	return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, reveal(member)]));
}

/** The one resource of a type and a name. Throws, with the names there are, if there is none. */
export function resourceOf(graph: Graph, type: string, name: string): GraphResource {
	const found = graph.resources.find((resource) => resource.type === type && resource.name === name);
	if (found) return found;
	const names = graph.resources.filter((resource) => resource.type === type).map((resource) => resource.name);
	throw new Error(`No ${type} named ${name}; there are: ${names.sort().join(", ") || "none"}.`);
}
