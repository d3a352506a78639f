import { type Reading, typesOf, type ValueType } from "./readings.ts";

const TYPE_WORDS: Readonly<Record<ValueType, string>> = {
	null: "null",
	boolean: "true or false",
	string: "text",
	integer: "a whole number",
	fraction: "a number",
	array: "a list",
	object: "a map",
};

/** What values of a schema can be, in words. */
export function wordsOf(readings: readonly Reading[]): string {
	const types = new Set(readings.flatMap((reading) => [...typesOf(reading)]));
	if (types.size === Object.keys(TYPE_WORDS).length) return "of no type";
	if (types.has("fraction")) types.delete("integer");
	return [...types].map((type) => TYPE_WORDS[type]).join(" or ");
}
