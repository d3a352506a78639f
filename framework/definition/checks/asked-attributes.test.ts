import fc from "fast-check";
import { expect, test } from "vitest";
import type { Scalar } from "../../contract/condition.ts";
import type { PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { readItemSchema } from "../item-schema/read-item-schema.ts";
import type { AskedAttribute } from "../when.ts";
import { checkAskedAttributes } from "./asked-attributes.ts";
import type { Subject } from "./check.ts";

const name = fc.constantFrom("a", "b", "c");
const scalar = fc.constantFrom<unknown>("x", "y", 1, 1.5, true, null);

/** Schemas of all that readings follow, and of some that they do not, which contradict themselves as often as not. */
const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
	const inner = tie("schema");
	const members = fc.dictionary(name, inner, { maxKeys: 3, noNullPrototype: true });
	// Of alternatives that do not hold, ajv counts the properties as evaluated, which the standard does not.
	const known = fc.oneof(
		fc.record({ properties: members }),
		fc.record({ if: inner, else: fc.record({ properties: members }) }),
	);
	const some = fc.array(inner, { minLength: 1, maxLength: 2 });
	return {
		schema: fc.oneof(
			{ depthSize: "small", maxDepth: 4 },
			fc.constantFrom<unknown>(
				{},
				true,
				{ type: "string" },
				{ type: "integer" },
				{ type: ["number", "null"] },
				{ type: "boolean" },
			),
			fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }) }),
			fc.constantFrom({ $ref: "#" }, { $ref: "#/$defs/d" }),
			fc.record(
				{
					type: fc.constantFrom("object", ["object", "string"]),
					properties: members,
					additionalProperties: fc.oneof(fc.constant(false), inner),
					patternProperties: fc.record({ "^a": inner }),
				},
				{ requiredKeys: [], noNullPrototype: true },
			),
			fc.record(
				{
					unevaluatedProperties: fc.constant(false),
					properties: members,
					allOf: fc.array(known, { minLength: 1, maxLength: 2 }),
				},
				{ requiredKeys: ["unevaluatedProperties"], noNullPrototype: true },
			),
			fc.record(
				{ type: fc.constant("array"), items: inner, prefixItems: some },
				{ requiredKeys: ["type"], noNullPrototype: true },
			),
			fc.record({ anyOf: some }),
			fc.record({ oneOf: some, properties: members }),
			fc.record({ allOf: some }),
			fc.record({ if: inner, else: inner }),
			fc.record({ not: inner }),
		),
	};
});

const { item } = fc.letrec<{ item: unknown }>((tie) => ({
	item: fc.oneof(
		{ depthSize: "small", maxDepth: 3 },
		scalar,
		fc.array(tie("item"), { maxLength: 2 }),
		fc.dictionary(name, tie("item"), { maxKeys: 3, noNullPrototype: true }),
	),
}));

/** What a condition that holds for a value could ask: every path in it, and what stands there. */
function askedOf(value: unknown, itemPath: (string | number)[]): AskedAttribute[] {
	const path = ["when", JSON.stringify(itemPath)];
	if (typeof value === "object" && value !== null) {
		const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
		return entries.flatMap(([step, member]) => askedOf(member, [...itemPath, step]));
	}
	const constant: Scalar | null =
		typeof value === "string"
			? { S: value }
			: typeof value === "number"
				? { N: String(value) }
				: typeof value === "boolean"
					? { BOOL: value }
					: null;
	const operators: AskedAttribute["operators"] =
		constant === null ? [] : [{ operator: { op: "equals", values: [constant] }, path }];
	return [{ itemPath, path, at: "key", operators }];
}

function check(root: object, value: object): PathDiagnostic[] | null {
	const text = JSON.stringify({ type: "object", $defs: { d: { properties: { a: { type: "string" } } } }, ...root });
	const { schema: read } = readItemSchema("order", { file: "order.schema.json", bytes: Buffer.from(text) });
	if (read === null || !read.validate(value)) return null;
	return checkAskedAttributes({ consumers: [{ asked: askedOf(value, []) }], itemSchema: read } as unknown as Subject);
}

test("no condition that an item by the schema meets is refused", () => {
	let valid = 0;
	fc.assert(
		fc.property(
			fc.dictionary(name, schema, { maxKeys: 3, noNullPrototype: true }),
			schema,
			fc.dictionary(name, item, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
			(properties, other, value) => {
				const problems = check({ properties, allOf: [other] }, value);
				if (problems === null) return;
				valid += 1;
				expect(problems).toEqual([]);
			},
		),
		{ numRuns: 3000 },
	);
	expect(valid).toBeGreaterThan(300);
}, 120_000);
