import type { DocumentPath } from "../../diagnostics/diagnostic.ts";
import type { Report } from "./check-schema.ts";
import { isSchemaObject, resolveReference, type SchemaObject, subschemas } from "./schema.ts";

type Places = ReadonlyMap<SchemaObject, DocumentPath>;

/** References by other means than a pointer into this very file. */
export const UNFOLLOWED = ["$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"];

const REFER = "Write what it refers to below `$defs`, and refer to it so: `#/$defs/money`.";

/** References that lead out of the file, nowhere, or round in a circle. `places` has each schema of the file. */
export function checkReferences(root: SchemaObject, places: Places, report: Report): void {
	for (const [schema, path] of places) checkWords(schema, path, report);
	checkTargets(root, places, report);
	checkCircles(root, places, report);
}

function checkWords(schema: SchemaObject, path: DocumentPath, report: Report): void {
	for (const keyword of UNFOLLOWED)
		if (Object.hasOwn(schema, keyword))
			report("item-schema-reference", [...path, keyword], `\`${keyword}\` is not followed.`, REFER, "key");
	if (path.length > 0 && Object.hasOwn(schema, "$id"))
		report(
			"item-schema-reference",
			[...path, "$id"],
			"Below the root, `$id` gives the references beside it another base.",
			"Remove it.",
			"key",
		);
}

/** Where references lead: to schemas of this file, and to such places only where schemas are looked at. */
function checkTargets(root: SchemaObject, places: Places, report: Report): void {
	for (const [{ $ref }, path] of places) {
		if (typeof $ref !== "string") continue;
		const target = resolveReference($ref, root);
		if (typeof target === "boolean" || (target !== undefined && places.has(target))) continue;
		const isLocal = $ref === "#" || $ref.startsWith("#/");
		const why = isLocal
			? "There is no schema at this place of the file"
			: "A reference leads to a place in this file; nothing else is read or fetched";
		report("item-schema-reference", [...path, "$ref"], `${why}.`, REFER);
	}
}

/** Keywords whose schemas are of the same value as the schema that has them. */
const SAME_VALUE = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

/** A reference that comes back without going into the value has no end, whatever the value. */
function checkCircles(root: SchemaObject, places: Places, report: Report): void {
	const states = new Map<SchemaObject, "open" | "done">();
	const follow = (schema: SchemaObject): void => {
		states.set(schema, "open");
		const { $ref } = schema;
		const target = typeof $ref === "string" ? resolveReference($ref, root) : undefined;
		const inner = subschemas(schema).flatMap(({ keyword, schema: part }) =>
			SAME_VALUE.includes(keyword) ? [part] : [],
		);
		for (const next of [target, ...inner]) {
			if (!isSchemaObject(next)) continue;
			const state = states.get(next);
			if (state === undefined) follow(next);
			else if (state === "open")
				report(
					"item-schema-reference",
					[...(places.get(schema) ?? []), "$ref"],
					"The reference comes back to where it stands, of the same value: nothing could ever be judged by it.",
					"Refer to it from a property or from `items`, or write out what is meant.",
				);
		}
		states.set(schema, "done");
	};
	for (const schema of places.keys()) if (!states.has(schema)) follow(schema);
}
