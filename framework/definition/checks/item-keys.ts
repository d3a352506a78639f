import type { KeyAttribute } from "../../contract/manifest.ts";
import type { PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import type { ReadItemSchema } from "../item-schema/read-item-schema.ts";
import { namesOf, type Reading, readingsOf, stepInto, typesOf, type ValueType } from "../item-schema/readings.ts";
import { wordsOf } from "../item-schema/words.ts";
import type { Check } from "./check.ts";

/** JSON Schema's words for the types of keys. */
const KEY_TYPES = {
	S: { types: ["string"], words: '"type": "string"' },
	N: { types: ["integer", "fraction"], words: '"type": "number" or "integer"' },
	B: { types: ["string"], words: '"type": "string" with "contentEncoding": "base64"' },
} as const satisfies Record<KeyAttribute["type"], { types: readonly ValueType[]; words: string }>;

/** Every item has its key, so a schema that does not know it is another table's. */
export const checkItemKeys: Check = ({ definition, itemSchema }) => {
	if (itemSchema === null) return [];
	const { partition, sort } = definition.table.keys;
	return [
		...checkKey("partition", partition, itemSchema),
		...(sort === null ? [] : checkKey("sort", sort, itemSchema)),
	];
};

function checkKey(which: "partition" | "sort", { name, type }: KeyAttribute, schema: ReadItemSchema): PathDiagnostic[] {
	const { types, words } = KEY_TYPES[type];
	const describe = (path: string, detail: string, help: string): PathDiagnostic[] => [
		{ code: "item-schema-key", path: ["table", "keys", which, path], at: "value", detail, help },
	];
	if (!isDeclared(schema, name))
		return describe(
			"name",
			`The item schema does not know the key "${name}" (${schema.file}).`,
			`Add it to the schema's \`properties\`, with ${words}.`,
		);
	const readings = readingsOf(stepInto(schema.root, name, schema.root), schema.root);
	const isBinary = (reading: Reading): boolean => reading.some(({ contentEncoding }) => contentEncoding === "base64");
	const fits = (reading: Reading): boolean =>
		[...typesOf(reading)].every((each) => (types as readonly ValueType[]).includes(each)) &&
		isBinary(reading) === (type === "B");
	if (readings.length > 0 && readings.every(fits)) return [];
	return describe(
		"type",
		`The key "${name}" is ${type} in the table and ${wordsOf(readings)} in the item schema (${schema.file}).`,
		`Give \`${name}\` ${words} in the schema, or correct the table's type.`,
	);
}

/** Whether some object of the schema names a property. */
function isDeclared({ root }: ReadItemSchema, name: string): boolean {
	return readingsOf(root, root).some((reading) => namesOf(reading).includes(name));
}

export const checkItemTtl: Check = ({ definition: { table }, itemSchema }) => {
	if (itemSchema === null || table.ttl === null) return [];
	const { root, file } = itemSchema;
	const readings = readingsOf(stepInto(root, table.ttl, root), root);
	const types = readings.flatMap((reading) => [...typesOf(reading)]);
	const isNumber =
		types.includes("integer") &&
		(types.every((type) => type === "integer" || type === "fraction" || type === "null") ||
			!isDeclared(itemSchema, table.ttl));
	if (isNumber) return [];
	return [
		{
			code: "item-schema-key",
			path: ["table", "ttl"],
			at: "value",
			detail: `TTL needs a number of epoch seconds, and in the item schema "${table.ttl}" ${readings.length === 0 ? "cannot be there" : `is ${wordsOf(readings)}`} (${file}).`,
			help: `Give \`${table.ttl}\` "type": "integer" in the schema's \`properties\`.`,
		},
	];
};
