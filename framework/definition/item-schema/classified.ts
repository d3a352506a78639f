import type { ClassifiedField } from "../../contract/item-schema.ts";
import { resolveReference, type SchemaObject, subschemas } from "./schema.ts";

/** Marks a field with a class, or with several. */
export const CLASS_KEYWORD = "x-class";

/** So many fields are more than anybody marks; a schema that unfolds to more is refused. */
const MOST_CLASSIFIED = 1000;

/** The schema marks more fields than can be followed. */
export class TooManyClassified extends Error {
	override readonly name = "TooManyClassified";
}

type Path = ClassifiedField["path"];

/** Fields that a schema marks, in any of its branches. Throws TooManyClassified. */
export function classifiedOf(root: SchemaObject): ClassifiedField[] {
	// Most schemas mark nothing, and then there is nothing to unfold.
	if (marksBelow(root, root).length === 0) return [];
	const found = new Map<string, { path: Path; classes: Set<string> }>();
	let left = MOST_CLASSIFIED * 10;
	const add = (path: Path, classes: readonly string[]): void => {
		const key = JSON.stringify(path);
		const field = found.get(key) ?? { path, classes: new Set() };
		for (const each of classes) field.classes.add(each);
		found.set(key, field);
		if (found.size > MOST_CLASSIFIED) throw new TooManyClassified(`more than ${MOST_CLASSIFIED} fields are marked`);
	};
	const visit = (schema: SchemaObject, path: Path, around: readonly SchemaObject[]): void => {
		left -= 1;
		if (left < 0) throw new TooManyClassified("it unfolds to too many fields");
		const own = classesOf(schema);
		if (own.length > 0) {
			add(path, own);
			return;
		}
		// What comes back in itself has fields at any depth: all of it is of the classes that it marks anywhere.
		if (around.includes(schema)) {
			const marks = marksBelow(schema, root);
			if (marks.length > 0) add(path, marks);
			return;
		}
		const within = [...around, schema];
		for (const { step, schema: inner } of partsOf(schema, root))
			visit(inner, step === undefined ? path : [...path, step], within);
	};
	visit(root, [], []);
	return [...found]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([, { path, classes }]) => ({ path, classes: [...classes].sort() }));
}

export function classesOf({ [CLASS_KEYWORD]: mark }: SchemaObject): string[] {
	return mark === undefined ? [] : ([mark].flat() as string[]);
}

/** Classes that a schema, or one that it leads to, marks a field with. */
function marksBelow(schema: SchemaObject, root: SchemaObject): string[] {
	const seen = new Set<SchemaObject>();
	const open = [schema];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (seen.has(next)) continue;
		seen.add(next);
		open.push(...partsOf(next, root).map((part) => part.schema));
	}
	return [...new Set([...seen].flatMap(classesOf))];
}

interface Part {
	/** Leads from a value to one in it; undefined = the same value. */
	step?: string | null;
	schema: SchemaObject;
}

/** A schema's parts that describe an item's values. */
function partsOf(schema: SchemaObject, root: SchemaObject): Part[] {
	const { $ref } = schema;
	const target = typeof $ref === "string" ? resolveReference($ref, root) : undefined;
	const inner = subschemas(schema).flatMap(({ keyword, path, schema: part }): Part[] => {
		if (typeof part === "boolean" || NOT_VALUES.includes(keyword)) return [];
		if (keyword === "properties") return [{ step: String(path[1]), schema: part }];
		return [BELOW.includes(keyword) ? { step: null, schema: part } : { schema: part }];
	});
	return typeof target === "object" ? [...inner, { schema: target }] : inner;
}

/** Definitions describe what refers to them; names and encoded texts are no fields. */
const NOT_VALUES = ["$defs", "definitions", "propertyNames", "contentSchema"];
const BELOW = [
	...["patternProperties", "additionalProperties", "unevaluatedProperties"],
	...["items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"],
];
