import fc from "fast-check";
import { expect, test } from "vitest";
import { defineYaml } from "../../testing/compile-yaml.ts";
import { readDefinitions } from "../index.ts";
import { readItemSchema } from "./read-item-schema.ts";
import { KEYWORDS } from "./schema.ts";

const read = (text: string) =>
	readItemSchema("order", { file: "schemas/items/order.schema.json", bytes: Buffer.from(text) });
const codes = (text: string): string[] => read(text).diagnostics.map(({ code }) => code);

test("draft-07 is taken, and a byte order mark", () => {
	const schema = {
		$schema: "http://json-schema.org/draft-07/schema#",
		type: "object",
		properties: { a: { $ref: "#/definitions/a%20b" } },
		definitions: { "a b": { type: "integer" } },
	};
	const { schema: found, diagnostics } = read(`\ufeff${JSON.stringify(schema)}`);
	expect(diagnostics).toEqual([]);
	expect(found?.summary.columns).toMatchObject([{ name: "a", type: { is: "decimal", scale: 0 } }]);
	expect(found?.validate({ a: 1 })).toBe(true);
	expect(found?.validate({ a: 1.5 })).toBe(false);
});

test("formats that views have no type for say nothing, as the standard has it", () => {
	const { schema } = read(
		'{ "type": "object", "properties": { "mail": { "format": "email" }, "at": { "format": "date-time" } } }',
	);
	expect(schema?.validate({ mail: "no mail" })).toBe(true);
	expect(schema?.validate({ at: "no time" })).toBe(false);
});

test.each([
	['"x-defs": { "a": { "pattern": "(" } }, "properties": { "a": { "$ref": "#/x-defs/a" } }', "item-schema-reference"],
	['"properties": { "a": { "$ref": "#/properties" } }', "item-schema-reference"],
	['"$defs": { "a": { "$anchor": "x" }, "b": { "$anchor": "x" } }', "item-schema-invalid"],
	['"allOf": [{ "$ref": "#" }]', "item-schema-reference"],
	[
		'"$ref": "#/$defs/a", "$defs": { "a": { "not": { "$ref": "#/$defs/b" } }, "b": { "$ref": "#/$defs/a" } }',
		"item-schema-reference",
	],
])("what only whoever uses a schema would notice: %s", (keywords, code) => {
	expect(codes(`{ "type": "object", ${keywords} }`)).toEqual([code]);
});

test("names of attributes that JavaScript has its own meaning for", () => {
	const { schema } = read(
		'{ "type": "object", "properties": { "__proto__": { "type": "string" }, "constructor": { "type": "integer" }, "toString": { "x-class": "pii" } } }',
	);
	expect(schema?.summary.columns.map(({ attribute }) => attribute)).toEqual(["__proto__", "constructor", "toString"]);
	expect(schema?.summary.classified).toEqual([{ path: ["toString"], classes: ["pii"] }]);
});

test("a file is bounded in bytes, in levels, and in what it unfolds to", () => {
	expect(codes(`{ "type": "object", "description": "${"x".repeat(262_144)}" }`)).toEqual(["item-schema-too-large"]);
	expect(codes("[".repeat(200_000))).toEqual(["json-syntax"]);
	for (const levels of [100, 1000, 2000, 3000, 5000, 8000, 20_000]) {
		const nested = `{ "type": "object", "items": ${'{"not":'.repeat(levels)}{}${"}".repeat(levels)} }`;
		expect([["item-schema-too-large"], ["json-syntax"]]).toContainEqual(codes(nested));
	}
	const chain = Object.fromEntries(
		Array.from({ length: 6000 }, (_, index) => [`n${index}`, { $ref: `#/$defs/n${index + 1}` }]),
	);
	const long = {
		type: "object",
		properties: { a: { $ref: "#/$defs/n0" } },
		$defs: { ...chain, n6000: { "x-class": "pii" } },
	};
	expect(codes(JSON.stringify(long))).toEqual(["item-schema-too-large"]);
	const wide = Object.fromEntries(Array.from({ length: 8000 }, (_, index) => [`attribute${index}`, {}]));
	expect(codes(JSON.stringify({ type: "object", properties: wide }))).toEqual(["item-schema-columns"]);
	// Each level doubles what is below it; followed one by one it would never end.
	const double = (name: string) => ({
		allOf: [{ $ref: `#/$defs/${name}` }, { $ref: `#/$defs/${name}` }],
		anyOf: [{ $ref: `#/$defs/${name}` }, { properties: { x: {} } }],
	});
	const levels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`n${index}`, double(`n${index + 1}`)]));
	const bomb = (leaf: object): string =>
		JSON.stringify({ type: "object", properties: { a: { $ref: "#/$defs/n0" } }, $defs: { ...levels, n60: leaf } });
	expect(codes(bomb({ type: "string" }))).toEqual([]);
	expect(codes(bomb({ type: "string", "x-class": "pii" }))).toEqual(["item-schema-too-large"]);
});

const json = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small", maxDepth: 5 },
		fc.constantFrom<unknown>(
			"object",
			"string",
			"integer",
			"number",
			"array",
			"#",
			"#/properties/a",
			"pii",
			null,
			true,
			false,
			0,
			0.01,
			-1,
		),
		fc.array(tie("value"), { maxLength: 3 }),
		fc.dictionary(fc.constantFrom(...KEYWORDS, "x-class", "a", "b"), tie("value"), {
			maxKeys: 4,
			noNullPrototype: true,
		}),
	),
})).value;

test("whatever a file holds: a schema or a problem with its place, never a throw", () => {
	fc.assert(
		fc.property(json, (value) => {
			const text = JSON.stringify(
				typeof value === "object" && value !== null && !Array.isArray(value) ? { type: "object", ...value } : value,
				null,
				1,
			);
			const { schema, diagnostics } = read(text);
			const errors = diagnostics.filter(({ severity }) => severity === "error");
			expect(schema === null).toBe(errors.length > 0);
			for (const { line, column, endLine, endColumn } of diagnostics) {
				expect(line).toBeGreaterThan(0);
				expect(endLine).toBeLessThanOrEqual(text.split("\n").length);
				expect(endLine > line || endColumn >= column).toBe(true);
			}
		}),
		{ numRuns: 1000 },
	);
});

const pipeline = (name: string, more = ""): string =>
	`name: ${name}\nitemSchema: order\ntable: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }\nconsumers: [{ name: all, kind: s3${more} }]\n`;

test("pipelines share a schema: it is read once, and its problems are told once, for all environments", () => {
	let reads = 0;
	const itemSchemas = {
		folder: "schemas/items",
		names: ["order", "unused"],
		read: (name: string) => {
			reads += 1;
			return {
				file: `schemas/items/${name}.schema.json`,
				bytes: Buffer.from('{ "type": "object", "properties": { "orderId": { "typ": "string" } } }'),
			};
		},
	};
	const files = ["one", "two"].map((name) => ({
		file: `${name}.yaml`,
		bytes: Buffer.from(pipeline(name, ", enabled: false")),
		defaults: null,
	}));
	const { diagnostics } = readDefinitions(files, {
		known: ["local", "prod"],
		environments: ["local", "prod"],
		kinds: {},
		itemSchemas,
	});
	expect(reads).toBe(1);
	expect(diagnostics.filter(({ code }) => code === "item-schema-keyword")).toHaveLength(1);
});

const SCHEMA = {
	type: "object",
	properties: {
		orderId: { type: "string" },
		shape: {
			oneOf: [
				{ type: "object", additionalProperties: false, properties: { side: { type: "integer" } } },
				{ type: "object", additionalProperties: false, properties: { radius: { type: "number" } } },
			],
		},
		named: { type: "object", patternProperties: { "^x": { type: "string" } }, additionalProperties: false },
		list: { type: "array", prefixItems: [{ type: "string" }], items: false },
		late: { type: "object", unevaluatedProperties: false, if: { required: ["x"] }, else: { properties: { y: {} } } },
		both: { enum: ["a", "b"], allOf: [{ enum: ["b", "c"] }] },
	},
};

test.each([
	["{ shape.side: 5 }", null],
	["{ shape.radius: 1.5 }", null],
	["{ shape.side: 1.5 }", "is never 1.5"],
	["{ shape.colour: red }", 'has no "colour"'],
	// No pattern is tried: it would be run on whatever a pull request brings.
	["{ named.anything: x }", null],
	["{ list: { contains: a } }", null],
	['{ "list[0]": a }', null],
	['{ "list[1]": a }', "has no element 1"],
	["{ unknown.path: x }", null],
	// What `if` adds counts as known.
	["{ late.y: x }", null],
	["{ both: b }", null],
	["{ both: a }", 'is never "a"'],
])("a condition %s", (condition, problem) => {
	const define = () =>
		defineYaml("orders", pipeline("orders", `, when: { new: ${condition} }`), "prod", { order: SCHEMA });
	if (problem === null) expect(define()).toHaveLength(1);
	else expect(define).toThrow(problem);
});
