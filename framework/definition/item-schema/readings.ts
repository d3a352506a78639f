import { isSchemaObject, resolveReference, type Schema, type SchemaObject } from "./schema.ts";

/** One way in which a value can be valid: all of these hold. None of them = whatever the value is. */
export type Reading = readonly SchemaObject[];

/** JSON Schema's types; its `number` is an integer or a fraction. */
export type ValueType = "null" | "boolean" | "string" | "integer" | "fraction" | "array" | "object";
const ALL: readonly ValueType[] = ["null", "boolean", "string", "integer", "fraction", "array", "object"];

/** Alternatives multiply, and a schema is untrusted. What is beyond these numbers is left out, as if the schema did not ask for it. */
const MOST_READINGS = 64;
const MOST_SCHEMAS = 500;
const ANYTHING: readonly Reading[] = [[]];

/** The ways in which a value can be valid by a schema. None = no value is; conditions (`if`, `not`) are no ways of their own. */
export function readingsOf(schema: Schema, root: SchemaObject): readonly Reading[] {
	return expand(schema, { root, left: MOST_SCHEMAS }, new Set());
}

interface Expansion {
	root: SchemaObject;
	/** Schemas that may still be looked at. */
	left: number;
}

function expand(schema: Schema, expansion: Expansion, followed: ReadonlySet<SchemaObject>): readonly Reading[] {
	if (typeof schema === "boolean") return schema ? ANYTHING : [];
	// That a schema holds where it holds already says nothing.
	if (followed.has(schema) || expansion.left === 0) return ANYTHING;
	expansion.left -= 1;
	const { root } = expansion;
	const within = new Set([...followed, schema]);
	const inner = (value: unknown): readonly Reading[] =>
		typeof value === "boolean" || isSchemaObject(value) ? expand(value, expansion, within) : ANYTHING;
	const choices = [schema.anyOf, schema.oneOf].filter((list) => Array.isArray(list));
	const { $ref } = schema;
	return [
		...(typeof $ref === "string" ? [inner(resolveReference($ref, root))] : []),
		...(Array.isArray(schema.allOf) ? schema.allOf.map(inner) : []),
		...choices.map((list) => list.flatMap(inner)),
	].reduce(both, [[schema]]);
}

function both(one: readonly Reading[], other: readonly Reading[]): readonly Reading[] {
	if (one.length * other.length > MOST_READINGS) return one;
	return one.flatMap((first) => other.map((second) => [...new Set([...first, ...second])]));
}

/** The types that a value of a reading can have. */
export function typesOf(reading: Reading): ReadonlySet<ValueType> {
	return new Set(ALL.filter((type) => reading.every((part) => typesOfPart(part).includes(type))));
}

function typesOfPart({ type, enum: values, const: constant }: SchemaObject): readonly ValueType[] {
	const named = type === undefined ? ALL : [type].flat().flatMap(readType);
	const listed = constant === undefined ? values : [constant];
	if (!Array.isArray(listed)) return named;
	const types = listed.map(typeOfValue);
	return named.filter((each) => types.includes(each));
}

function readType(type: unknown): ValueType[] {
	return type === "number" ? ["integer", "fraction"] : [type as ValueType];
}

function typeOfValue(value: unknown): ValueType {
	if (value === null) return "null";
	if (Array.isArray(value)) return "array";
	if (typeof value === "number") return Number.isInteger(value) ? "integer" : "fraction";
	return typeof value as ValueType;
}

/** The members that a reading names. */
export function namesOf(reading: Reading): string[] {
	return reading.flatMap(({ properties }) => (isSchemaObject(properties) ? Object.keys(properties) : []));
}

/** A schema of what stands at a step in values of a schema: a member of an object, an element of an array. `false` = nothing can. */
export function stepInto(schema: Schema, step: string | number, root: SchemaObject): Schema {
	const inner = readingsOf(schema, root).map((reading) => {
		const holder = typeof step === "string" ? "object" : "array";
		if (!typesOf(reading).has(holder)) return false;
		return typeof step === "string" ? memberOf(reading, step) : elementOf(reading, step);
	});
	const possible = inner.filter((each) => each !== false);
	return possible.length === 0 ? false : { anyOf: possible };
}

/** A schema of a member. Members that a pattern could name are let be: patterns are not tried on names, for they are untrusted, too. */
export function memberOf(reading: Reading, name: string): Schema {
	const declared = reading.map((part) => declaredMember(part, name));
	const isDeclared = declared.some((each) => each !== undefined);
	const isClosed = reading.some(({ unevaluatedProperties }) => unevaluatedProperties === false);
	if (isClosed && !isDeclared && !reading.some(mayEvaluateOthers)) return false;
	const inner = declared.filter((each) => each !== undefined);
	return inner.includes(false) ? false : { allOf: inner };
}

/** undefined = this part says nothing of it. */
function declaredMember(part: SchemaObject, name: string): Schema | undefined {
	const { properties, patternProperties, additionalProperties } = part;
	if (isSchemaObject(properties) && Object.hasOwn(properties, name)) return properties[name] as Schema;
	if (isSchemaObject(patternProperties) && Object.keys(patternProperties).length > 0) return undefined;
	return additionalProperties as Schema | undefined;
}

/** Keywords by which a member may count as known that no reading follows. */
function mayEvaluateOthers(part: SchemaObject): boolean {
	return ["patternProperties", "if", "dependentSchemas", "dependencies"].some((keyword) =>
		Object.hasOwn(part, keyword),
	);
}

/** A schema of an element; without a place, of any. */
export function elementOf(reading: Reading, place?: number): Schema {
	const declared = reading.flatMap(({ prefixItems, items, additionalItems }): Schema[] => {
		const first = Array.isArray(items) ? items : Array.isArray(prefixItems) ? prefixItems : [];
		const rest = Array.isArray(items) ? additionalItems : items;
		if (place !== undefined && place < first.length) return [first[place] as Schema];
		const others = rest === undefined ? [] : [rest as Schema];
		if (place !== undefined || first.length === 0) return others;
		return [{ anyOf: [...first, ...(others.length > 0 ? others : [true])] }];
	});
	return declared.includes(false) ? false : { allOf: declared };
}
