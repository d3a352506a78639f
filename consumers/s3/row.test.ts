import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttributeValue, Item } from "../../framework/contract/dynamodb.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { settle } from "../../framework/testing/conformance.ts";
import { change, type RecordWish } from "../../framework/testing/factories.ts";
import { fakeOutside } from "../../framework/testing/fake-outside.ts";
import { definition } from "./definition.ts";
import { deliverer } from "./deliver.ts";
import { rowJson } from "./row.ts";
import type { Columns, PlacedS3Settings, S3Settings } from "./settings.ts";

const COLUMNS: Columns = { orderId: "string", total: "number", paid: "boolean", note: "string", lines: "string" };
const OWN = ["_event", "_time", "_id"];

const row = (wish: RecordWish, columns: Columns = COLUMNS): Record<string, unknown> => {
	const text = rowJson(change(wish), columns, "literal");
	if (typeof text !== "string") throw new Error(text.reason);
	return JSON.parse(text);
};
const image = (more: Item): Item => ({ orderId: { S: "a" }, ...more });

test("every row has the same columns in the same order, whatever its item has", () => {
	const wishes: RecordWish[] = [
		{ newImage: image({ total: { N: "1" }, other: { M: {} } }) },
		{ newImage: image({ paid: { BOOL: true }, note: { NULL: true } }) },
		{ eventName: "REMOVE", oldImage: image({ total: { N: "1" } }) },
		{ eventName: "REMOVE", expired: true, oldImage: image({}) },
	];
	const rows = wishes.map((wish) => row(wish));
	for (const each of rows) expect(Object.keys(each)).toEqual([...Object.keys(COLUMNS), ...OWN]);
	expect(rows.map(({ _event }) => _event)).toEqual(["INSERT", "INSERT", "REMOVE", "EXPIRE"]);
	expect(rows[2]).toMatchObject({ orderId: "a", total: null, paid: null, note: null, lines: null });
});

const cells: [AttributeValue, string][] = [
	[{ S: 'x"\n' }, '"x\\"\\n"'],
	[{ N: "12345678901234567890.5" }, '"12345678901234567890.5"'],
	[{ B: "AAEC" }, '"AAEC"'],
	[{ BOOL: false }, '"false"'],
	[{ M: { a: { L: [{ N: "9007199254740993" }] } } }, JSON.stringify('{"a":["9007199254740993"]}')],
	[{ SS: ["b", "a"] }, JSON.stringify('["a","b"]')],
	[{ NS: ["10", "9"] }, JSON.stringify('["9","10"]')],
	[{ X: 1 } as unknown as AttributeValue, JSON.stringify('{"X":1}')],
];
test.each(cells)("a text column takes %j", (value, expected) => {
	expect(rowJson(change({ newImage: image({ note: value }) }), { note: "string" }, "literal")).toContain(
		`{"note":${expected},`,
	);
});

test("a number keeps every digit, or is text where numbers are asked for as text", () => {
	const big = change({ newImage: image({ total: { N: "12345678901234567890.123456789" } }) });
	expect(rowJson(big, { total: "number" }, "literal")).toContain('"total":12345678901234567890.123456789,');
	expect(rowJson(big, { total: "number" }, "string")).toContain('"total":"12345678901234567890.123456789",');
	const loose = change({ newImage: image({ total: { N: "+007.50" } }) });
	expect(rowJson(loose, { total: "number" }, "literal")).toContain('"total":7.50,');
});

test.each([
	["number", { S: "1" }, "S"],
	["number", { N: "one" }, "N"],
	["boolean", { N: "1" }, "N"],
	["boolean", { S: "secret" }, "S"],
] as const)("a column of the type %s refuses %j, and does not say its value", (type, value, tag) => {
	const reason = `The column note is of the type ${type}, and its value of the type ${tag}.`;
	expect(rowJson(change({ newImage: image({ note: value }) }), { note: type }, "literal")).toEqual({ reason });
});

/** Any value, and of the declared type now and then. */
const value: fc.Arbitrary<AttributeValue> = fc.letrec<{ any: AttributeValue }>((tie) => ({
	any: fc.oneof(
		{ depthSize: "small" },
		fc.record({ S: fc.string({ unit: "binary" }) }),
		fc.record({ N: fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map(String) }),
		fc.record({ B: fc.base64String() }),
		fc.record({ BOOL: fc.boolean() }),
		fc.constant({ NULL: true as const }),
		fc.record({ SS: fc.uniqueArray(fc.string(), { minLength: 1 }) }),
		fc.record({ L: fc.array(tie("any"), { maxLength: 3 }) }),
		fc.record({ M: fc.dictionary(fc.string(), tie("any"), { maxKeys: 3 }) }),
	) as fc.Arbitrary<AttributeValue>,
})).any;

test("items of any attributes make an object of which each column has one type, and what does not fit is refused", async () => {
	const names = Object.keys(COLUMNS);
	const items = fc.array(fc.dictionary(fc.constantFrom(...names, "more"), value), { minLength: 1, maxLength: 20 });
	const instance = await DuckDBInstance.create(":memory:");
	const connection = await instance.connect();
	const folder = mkdtempSync(join(tmpdir(), "rows-"));
	const file = join(folder, "rows.json");
	await fc.assert(
		fc.asyncProperty(items, async (drawn) => {
			const changes = drawn.map((more, index) =>
				change({ item: `i${index}`, newImage: { ...more, orderId: { S: `i${index}` } } }),
			);
			const settings = settle(definition, { content: "item", columns: COLUMNS }).contribution
				.settings as PlacedS3Settings;
			const { context, calls } = fakeOutside(settings, () => ({}));
			const outcomes = await deliverer.deliver(changes, context);
			const isFit = (item: Item): boolean =>
				[item.total, item.paid].every((each, place) => !each || "NULL" in each || (place === 0 ? "N" : "BOOL") in each);
			expect(outcomes.map(({ status }) => status)).toEqual(drawn.map((item) => (isFit(item) ? "delivered" : "reject")));
			const input = calls[0]?.input;
			if (input === undefined) return;
			expect(input.Key).toMatch(/-\d+-[0-9a-f]{16}\.json$/);
			writeFileSync(file, input.Body);
			const types =
				"orderId: 'VARCHAR', total: 'DECIMAL(38, 0)', paid: 'BOOLEAN', note: 'VARCHAR', lines: 'VARCHAR', _event: 'VARCHAR', _time: 'VARCHAR', _id: 'VARCHAR'";
			const read = await connection.runAndReadAll(
				`SELECT count(*) FROM read_json('${file}', format = 'newline_delimited', columns = {${types}})`,
			);
			expect(Number(read.getRowsJson()[0]?.[0])).toBe(drawn.filter(isFit).length);
			for (const line of String(input.Body).trimEnd().split("\n"))
				expect(Object.keys(JSON.parse(line))).toEqual([...names, ...OWN]);
		}),
		{ numRuns: 100 },
	);
	connection.closeSync();
	instance.closeSync();
	rmSync(folder, { recursive: true });
});

test("what follows a refused record of its item waits; others go", async () => {
	const settings = settle(definition, { content: "item", columns: COLUMNS }).contribution.settings as PlacedS3Settings;
	const { context, calls } = fakeOutside(settings, () => ({}));
	const misfit = image({ total: { S: "1" } });
	const records = [
		change({ item: "a", number: 1 }),
		change({ item: "a", number: 2, newImage: misfit }),
		change({ item: "a", number: 3 }),
		change({ item: "b" }),
	];
	const outcomes = await deliverer.deliver(records, context);
	expect(outcomes.map(({ status }) => status)).toEqual(["delivered", "reject", "retry", "delivered"]);
	expect(calls[0]?.input.Metadata.records).toBe("2");
	const failing = fakeOutside(settings, () => ({ error: "SlowDown" }));
	const again = await deliverer.deliver(records, failing.context);
	// Nobody parks a record while an earlier one of its item is still to come.
	expect(again.map(({ status }) => status)).toEqual(["retry", "retry", "retry", "retry"]);
});

test.each([
	[{ content: "event", columns: { a: "string" } }, "Columns are of rows"],
	[{ content: "record", columns: { a: "string" } }, "Columns are of rows"],
	[{ content: "item", columns: { _id: "string" } }, "Every row has a column `_id`"],
	[{ content: "item", columns: "item-schema" }, "it names none"],
	[{ content: "item" }, "Without columns each row has the attributes of its item"],
] as const)("%j is told", (given, expected) => {
	const settings: S3Settings = { format: "json-lines", compression: "none", numbers: "literal", ...given };
	const context = { environment: "test", pipeline: "orders", consumer: "rows", local: false, itemColumns: null };
	expect(definition.check?.(settings, context).map(({ detail }) => detail)).toEqual([
		expect.stringContaining(expected),
	]);
});

test("the columns of an item schema are its attributes, in the types that JSON has", () => {
	const yaml = (columns: string, content = "item") => `
name: orders
itemSchema: order
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_IMAGE }
consumers: [{ name: rows, kind: s3, with: { content: ${content}${columns && `, columns: ${columns}`} } }]
`;
	const schema = {
		type: "object",
		properties: {
			orderId: { type: "string" },
			total: { type: "number", multipleOf: 0.01 },
			"net weight": { type: "number" },
			paid: { type: "boolean" },
			at: { type: "string", format: "date-time" },
			lines: { type: "array", items: { type: "object" } },
			customer: { type: "object", properties: { country: { type: "string" } } },
			anything: {},
		},
	};
	const settingsOf = (text: string): unknown => {
		const [pipeline] = planYaml("orders", text, "prod", { order: schema }).pipelines;
		return pipeline?.functions.find(({ id }) => id === "rows")?.manifest.consumers[0]?.settings;
	};
	const columns = {
		...{ orderId: "string", total: "number", "net weight": "number", paid: "boolean" },
		...{ at: "string", lines: "string", customer: "string", anything: "string" },
	};
	expect(settingsOf(yaml("item-schema"))).toMatchObject({ columns });
	// The default where there is a schema; rows of other contents have none.
	expect(settingsOf(yaml(""))).toMatchObject({ columns });
	expect(settingsOf(yaml("", "event"))).not.toHaveProperty("columns");
	expect(settingsOf(yaml("as-found"))).not.toHaveProperty("columns");
	expect(() => planYaml("orders", yaml("item-shema"), "prod", { order: schema })).toThrow("item-shema");
});
