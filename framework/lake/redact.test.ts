import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttributeValue, Item } from "../contract/dynamodb.ts";
import { classifiedOf } from "../definition/item-schema/classified.ts";
import { streamRecord } from "../testing/factories.ts";
import { createRedactor, type Redaction } from "./redact.ts";

const SALT = new Uint8Array(32).fill(7);
const PII = { "x-class": "pii" };

function redacted(item: Item, redaction: Redaction): Item {
	const record = streamRecord({ item: "a", newImage: item });
	return createRedactor(SALT, redaction)(record).dynamodb.NewImage ?? {};
}

const byClass = (schema: object, keep: Redaction["keep"] = null): Redaction => ({
	keep,
	classified: classifiedOf({ type: "object", ...schema }),
});

const schema = {
	properties: {
		orderId: { type: "string" },
		email: { type: "string", ...PII },
		isVip: { type: "boolean", ...PII },
		customer: { $ref: "#/$defs/person" },
		contacts: { type: "array", items: { $ref: "#/$defs/person" } },
		phones: { type: "array", items: { type: "string", ...PII } },
		byAddress: { type: "object", ...PII },
		labels: { type: "object", additionalProperties: { type: "string", ...PII } },
		choice: { oneOf: [{ type: "number" }, { type: "string", ...PII }] },
		tree: { $ref: "#/$defs/node" },
	},
	$defs: {
		person: {
			type: "object",
			properties: { name: { type: "string", "x-class": ["pii"] }, country: { type: "string" } },
		},
		node: { properties: { secret: PII, size: {}, children: { items: { $ref: "#/$defs/node" } } } },
	},
};

test("what a schema marks: in maps, in lists, through references, in every branch", () => {
	const paths = byClass(schema).classified.map(({ path }) => path.map((step) => step ?? "*").join("."));
	expect(paths).toEqual([
		"byAddress",
		"choice",
		"contacts.*.name",
		"customer.name",
		"email",
		"isVip",
		"labels.*",
		"phones.*",
		// It comes back in itself, so all that is below is taken for marked.
		"tree.children.*",
		"tree.secret",
	]);
});

test("marked fields get stand-ins, and nothing else does", () => {
	const item: Item = {
		orderId: { S: "a" },
		email: { S: "ann@example.com" },
		isVip: { BOOL: true },
		customer: { M: { name: { S: "Ann" }, country: { S: "DE" } } },
		contacts: { L: [{ M: { name: { S: "Ann" }, country: { S: "AT" } } }, { S: "a stranger's value" }] },
		phones: { SS: ["+49 1", "+49 2"] },
		byAddress: { M: { "ann@example.com": { L: [{ M: { street: { S: "Way 1" } } }] } } },
		labels: { M: { home: { S: "Way 1" } } },
		choice: { N: "12345" },
		tree: { M: { size: { N: "1" }, secret: { B: "AAEC" }, children: { L: [{ M: { size: { N: "17" } } }] } } },
	};
	const result = redacted(item, byClass(schema));
	expect(result.orderId).toEqual({ S: "a" });
	expect(result.isVip).toEqual({ BOOL: false });
	expect(result.customer).toEqual({ M: { name: { S: expect.stringMatching(/^redacted-/) }, country: { S: "DE" } } });
	expect(result.contacts).toEqual({
		L: [
			{ M: { name: result.customer && "M" in result.customer && result.customer.M.name, country: { S: "AT" } } },
			item.contacts && "L" in item.contacts && item.contacts.L[1],
		],
	});
	expect(result.tree).toMatchObject({ M: { size: { N: "1" } } });
	expect(JSON.stringify(result)).not.toMatch(/ann@|Ann|\+49|street|Way|12345|AAEC|"17"/);
});

test("what is kept of an item does not keep what is marked in it", () => {
	const item: Item = {
		customer: { M: { name: { S: "Ann" }, country: { S: "DE" } } },
		note: { S: "x" },
		paid: { BOOL: true },
	};
	const result = redacted(item, byClass(schema, new Set(["customer"])));
	expect(result).toEqual({
		customer: { M: { name: { S: expect.stringMatching(/^redacted-/) }, country: { S: "DE" } } },
		note: { S: expect.stringMatching(/^redacted-/) },
		paid: { BOOL: true },
	});
});

test("short numbers stay as many as they were: keys tell items apart, and sets keep their size", () => {
	const numbers = Array.from({ length: 200 }, (_, number) => String(number));
	const redact = createRedactor(SALT, byClass({}, new Set()));
	const keys = numbers.map((number) => redact({ ...streamRecord({ item: "a" }), dynamodb: keyed(number) }));
	expect(new Set(keys.map(({ dynamodb }) => JSON.stringify(dynamodb.Keys))).size).toBe(200);
	const { set } = redacted({ set: { NS: numbers } }, byClass({}, new Set()));
	expect(set).toEqual({ NS: expect.toSatisfy(({ length }: string[]) => length === 200) });
});

const keyed = (number: string) => ({ ...streamRecord({ item: "a" }).dynamodb, Keys: { line: { N: number } } });

test("another salt makes other stand-ins: nobody can guess a value and compare", () => {
	const item: Item = { text: { S: "ann@example.com" }, number: { N: "12345" }, binary: { B: "AAEC" } };
	const of = (salt: number) =>
		createRedactor(new Uint8Array(32).fill(salt), byClass({}, new Set()))(streamRecord({ item: "a", newImage: item }))
			.dynamodb.NewImage ?? {};
	for (const name of Object.keys(item)) expect(of(1)[name]).not.toEqual(of(2)[name]);
	expect(of(1)).toEqual(of(1));
});

/** A schema at random, with an item of it whose marked texts all begin with `secret`. */
interface Sample {
	schema: object;
	value: AttributeValue;
}
const name = fc.constantFrom("a", "b", "*", "x.y", "0");
const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
	sample: fc.oneof(
		{ depthSize: "small", maxDepth: 4, withCrossShrink: true },
		fc.constant<Sample>({ schema: { type: "string" }, value: { S: "open" } }),
		fc.nat(9).map<Sample>((number) => ({ schema: { type: "string", ...PII }, value: { S: `secret ${number}` } })),
		fc.constant<Sample>({ schema: { items: PII }, value: { SS: ["secret of a set"] } }),
		fc.array(tie("sample"), { maxLength: 3 }).map<Sample>((samples) => ({
			schema: { prefixItems: samples.map((each) => each.schema) },
			value: { L: samples.map((each) => each.value) },
		})),
		fc.dictionary(name, tie("sample"), { maxKeys: 3, noNullPrototype: true }).map<Sample>((samples) => ({
			schema: { properties: Object.fromEntries(Object.entries(samples).map(([key, each]) => [key, each.schema])) },
			value: { M: Object.fromEntries(Object.entries(samples).map(([key, each]) => [key, each.value])) },
		})),
		tie("sample").map<Sample>(({ schema: inner, value }) => ({ schema: { allOf: [{ if: {}, else: inner }] }, value })),
	),
}));

test("of whatever schema: no marked text is left", () => {
	fc.assert(
		fc.property(sample, fc.boolean(), ({ schema: inner, value }, keeps) => {
			const result = redacted(
				{ item: value },
				byClass({ properties: { item: inner } }, keeps ? new Set(["item"]) : null),
			);
			expect(JSON.stringify(result)).not.toContain("secret");
		}),
	);
});
