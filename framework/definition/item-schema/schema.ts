/** A JSON Schema in a JSON Schema. */
export type Schema = boolean | SchemaObject;
export interface SchemaObject {
	readonly [keyword: string]: unknown;
}

/** Keywords that hold a schema, in draft-07 and 2020-12. */
const ONE = [
	...["items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties"],
	...["propertyNames", "contentSchema", "not", "if", "then", "else"],
];
/** Keywords that hold a list of schemas; `items` may, in draft-07. */
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
/** Keywords that hold schemas by name. */
const MAPS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];

/** Others that mean something to a schema: what is not among all of these is ignored, and so likely a slip. */
const OTHERS = [
	...["$schema", "$id", "$ref", "$anchor", "$comment", "$vocabulary", "title", "description", "default", "examples"],
	...["deprecated", "readOnly", "writeOnly", "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum"],
	...["minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "format", "contentEncoding"],
	...["contentMediaType", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties"],
	...["minProperties", "required", "dependentRequired"],
];
export const KEYWORDS: readonly string[] = [...new Set([...ONE, ...LISTS, ...MAPS, ...OTHERS])];

export function isSchemaObject(value: unknown): value is SchemaObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schemas in a schema, with where each stands below it. */
export function subschemas(schema: SchemaObject): { keyword: string; path: (string | number)[]; schema: Schema }[] {
	return Object.entries(schema).flatMap(([keyword, value]) => {
		const found = (path: (string | number)[], inner: unknown) =>
			typeof inner === "boolean" || isSchemaObject(inner) ? [{ keyword, path, schema: inner }] : [];
		if (LISTS.includes(keyword) && Array.isArray(value))
			return value.flatMap((inner, index) => found([keyword, index], inner));
		if (MAPS.includes(keyword) && isSchemaObject(value))
			return Object.entries(value).flatMap(([name, inner]) => found([keyword, name], inner));
		return ONE.includes(keyword) ? found([keyword], value) : [];
	});
}

/** What `#/$defs/money` names in a file; undefined for what is not there, and for what is not in the file. */
export function resolveReference(reference: string, root: SchemaObject): Schema | undefined {
	if (reference !== "#" && !reference.startsWith("#/")) return undefined;
	let value: unknown = root;
	for (const step of reference.split("/").slice(1)) {
		const name = decode(step).replaceAll("~1", "/").replaceAll("~0", "~");
		const holds = typeof value === "object" && value !== null && Object.hasOwn(value, name);
		value = holds ? (value as Record<string, unknown>)[name] : undefined;
	}
	return typeof value === "boolean" || isSchemaObject(value) ? value : undefined;
}

/** The pointer is a part of a URI. */
function decode(step: string): string {
	try {
		return decodeURIComponent(step);
	} catch {
		return step;
	}
}
