import { TrinoSQL } from "dt-sql-parser";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttributeValue, Item } from "../../framework/contract/dynamodb.ts";
import type { ColumnType, ItemColumn } from "../../framework/contract/item-schema.ts";
import { columnsOf, MOST_COLUMNS } from "../../framework/definition/item-schema/columns.ts";
import { planViews } from "../../framework/plan/athena/views.ts";
import { streamRecord } from "../../framework/testing/factories.ts";
import { askBoth } from "./both-engines.ts";

/** What a value is in a column: the same value in JavaScript's terms, or null if the type does not hold it. An oracle that knows no SQL. */
function typed(type: ColumnType, value: AttributeValue | undefined): unknown {
	if (value === undefined || "NULL" in value) return null;
	switch (type.is) {
		case "json":
			return plain(value);
		case "text":
			return "S" in value ? value.S : null;
		case "bytes":
			return "B" in value ? value.B : null;
		case "boolean":
			return "BOOL" in value ? value.BOOL : null;
		case "date":
			return "S" in value && /^\d{4}-\d\d-\d\d$/.test(value.S) && exists(value.S) ? value.S : null;
		case "timestamp":
			return "S" in value ? instant(value.S) : null;
		case "decimal":
			return "N" in value ? decimal(value.N, type.scale) : null;
		case "double":
			return "N" in value && digits(value.N) === digits(String(Number(value.N))) ? Number(value.N) : null;
		case "object":
			return "M" in value ? typedFields(type.fields, value.M) : null;
		case "list":
			return typedList(type.of, value);
	}
}

function typedList(of: ColumnType, value: AttributeValue): unknown {
	if ("L" in value) return value.L.map((each) => typed(of, each));
	if ("SS" in value && ["text", "date", "timestamp"].includes(of.is))
		return sorted(
			value.SS.map((S) => typed(of, { S })),
			byBytes,
		);
	if ("NS" in value && ["decimal", "double"].includes(of.is))
		return sorted(
			value.NS.map((N) => typed(of, { N })),
			byValue,
		);
	return null;
}

const byBytes = (one: unknown, other: unknown): number =>
	Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));
const byValue = (one: unknown, other: unknown): number => Number(one) - Number(other);

const sorted = (values: unknown[], compare: (one: unknown, other: unknown) => number): unknown[] => [
	...values.filter((value) => value !== null).sort(compare),
	...values.filter((value) => value === null),
];

const typedFields = (fields: readonly ItemColumn[], item: Item): Record<string, unknown> =>
	Object.fromEntries(fields.map(({ name, attribute, type }) => [name, typed(type, item[attribute])]));

const exists = (day: string): boolean => new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false;
const instant = (text: string): number | null =>
	/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):/.test(text) && exists(text.slice(0, 10))
		? Date.parse(text.replace(/(\.\d{3})\d+/, "$1"))
		: null;
const digits = (text: string): string => text.replace(/[-+.]|[eE].*$/g, "").replace(/^0+|0+$/g, "");

/** A decimal with so many digits behind the point, as engines print it. */
function decimal(text: string, scale: number): string | null {
	const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
	const kept = fraction.replace(/0+$/, "");
	if (whole + fraction === "" || kept.length > scale || whole.replace(/^0+/, "").length > 38 - scale) return null;
	const value = BigInt(whole + kept.padEnd(scale, "0"));
	const all = String(value).padStart(scale + 1, "0");
	const shown = scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`;
	return value === 0n ? shown : `${sign}${shown}`;
}

/** As docs/values.md has it, numbers as texts. */
function plain(value: AttributeValue): unknown {
	if ("M" in value) return Object.fromEntries(Object.entries(value.M).map(([name, member]) => [name, plain(member)]));
	if ("L" in value) return value.L.map(plain);
	if ("NULL" in value) return null;
	if ("SS" in value) return sorted(value.SS, byBytes);
	if ("NS" in value) return sorted(value.NS, byValue);
	return Object.values(value)[0];
}

/** What was answered, in the oracle's terms. */
function readBack(type: ColumnType, value: unknown): unknown {
	if (value === null || value === undefined) return null;
	if (type.is === "timestamp") return Date.parse(`${String(value).replace(" ", "T")}Z`);
	if (type.is === "json") return JSON.parse(String(value));
	if (type.is === "list") return (value as unknown[]).map((each) => readBack(type.of, each));
	if (type.is !== "object") return value;
	return Object.fromEntries(
		type.fields.map(({ name, type: of }) => [name, readBack(of, memberOf(value as Record<string, unknown>, name))]),
	);
}

/** Athena has names in lower case. */
const memberOf = (row: Record<string, unknown>, name: string): unknown => row[name] ?? row[name.toLowerCase()];

const KEY = { type: "string" };
const rootOf = (properties: object): { type: "object"; properties: object } => ({
	type: "object",
	properties: { orderId: KEY, ...properties },
});

async function hold(properties: object, items: readonly Item[]): Promise<void> {
	const { columns } = columnsOf(rootOf(properties));
	const records = items.map((more, index) =>
		streamRecord({ item: `k${index}`, number: index + 1, newImage: { orderId: { S: `k${index}` }, ...more } }),
	);
	const { local, athena } = await askBoth([records], columns);
	const shape: ColumnType = { is: "object", fields: columns };
	for (const rows of [local, athena]) {
		const byKey = new Map(rows.events.map((row) => [row.pk, row]));
		for (const [index, more] of items.entries()) {
			const row = byKey.get(`k${index}`) ?? {};
			const expected = typedFields(columns, { orderId: { S: `k${index}` }, ...more });
			expect(readBack(shape, JSON.parse(String(row.after)))).toEqual(expected);
			expect(row.before).toBeNull();
			// Whatever a column does not hold is there as it is.
			expect(Object.keys(JSON.parse(String(row.new))).sort()).toEqual(Object.keys({ orderId: 0, ...more }).sort());
		}
	}
	const flat = ({ latest }: typeof local) =>
		latest.map((row) => [row.pk, ...columns.map(({ name }) => row[name.toLowerCase()])]);
	expect(flat(athena)).toEqual(flat(local));
	expect(local.latest).toHaveLength(items.length);
}

test("each type, what it holds and what it does not", async () => {
	await hold(
		{
			whole: { type: "integer" },
			money: { type: "number", multipleOf: 0.01 },
			rate: { type: ["number", "null"] },
			paid: { type: "boolean" },
			at: { type: "string", format: "date-time" },
			day: { type: "string", format: "date" },
			bytes: { type: "string", contentEncoding: "base64" },
			any: {},
			tags: { type: "array", items: { type: "string" } },
			marks: { type: "array", items: { type: "integer" } },
			customer: { type: "object", properties: { country: { type: "string" }, score: { type: "number" }, more: {} } },
			lines: {
				type: "array",
				items: { type: "object", properties: { sku: { type: "string" }, price: { type: "number", multipleOf: 0.01 } } },
			},
		},
		[
			{
				whole: { N: "12345678901234567890123456789012345678" },
				money: { N: "12345678901234567890.5" },
				rate: { N: "0.30000000000000004" },
				paid: { BOOL: true },
				at: { S: "2026-11-24T09:30:00.123456+02:00" },
				day: { S: "2026-02-28" },
				bytes: { B: "AAE=" },
				any: { M: { a: { N: "1" }, b: { L: [] } } },
				tags: { L: [{ S: "b" }, { S: "a" }, { N: "1" }] },
				marks: { NS: ["10", "9", "1.5"] },
				customer: { M: { country: { S: "DE" }, score: { N: "1E+2" }, more: { L: [{ BOOL: false }] } } },
				lines: { L: [{ M: { sku: { S: "x" }, price: { N: "9.990" } } }, { S: "no line" }] },
			},
			{
				whole: { N: "1.5" },
				money: { N: "1.005" },
				rate: { N: "12345678901234567890.5" },
				paid: { S: "true" },
				at: { S: "2026-02-30T09:30:00Z" },
				day: { S: "2026-02-30" },
				bytes: { S: "AAE=" },
				any: { S: "text" },
				tags: { SS: ["b", "a", "é"] },
				marks: { S: "1" },
				customer: { NULL: true },
				lines: { M: {} },
			},
			{
				whole: { S: "5" },
				money: { N: "-0.00" },
				rate: { N: "1E-7" },
				at: { S: "yesterday" },
				day: { S: "2026-11-24T00:00:00Z" },
				customer: { M: {} },
				tags: { NS: ["1"] },
			},
			{ at: { S: "2026-11-24T24:00:00Z" }, rate: { N: "-5.684341886080802E-14" }, whole: { N: "-7.00" } },
			{},
		],
	);
}, 60_000);

/** A schema, and values that are likely of it. */
interface Field {
	schema: object;
	value: fc.Arbitrary<AttributeValue>;
}

const number = fc.oneof(
	fc.integer().map(String),
	fc
		.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 })
		.map((value) => String(value).replace("e", "E")),
	fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.nat(38)).map(([value, scale]) => {
		const all = String(value).padStart(scale + 1, "0");
		return scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`;
	}),
);
const text = fc.string({ unit: "grapheme", maxLength: 6 });
const two = (value: number): string => String(value).padStart(2, "0");
const day = fc
	.tuple(fc.integer({ min: 1990, max: 2060 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }))
	.map(([year, month, date]) => `${year}-${two(month)}-${two(date)}`);
const time = fc
	.tuple(
		day,
		fc.nat(24),
		fc.nat(59),
		fc.nat(59),
		fc.constantFrom("", ".5", ".123", ".123456", ".999999999"),
		fc.constantFrom("Z", "+02:00", "-11:30", "+14:00"),
	)
	.map(
		([date, hour, minute, second, fraction, zone]) =>
			`${date}T${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone}`,
	);

const scalars: Field[] = [
	{ schema: { type: "integer" }, value: fc.record({ N: number }) },
	{ schema: { type: "number" }, value: fc.record({ N: number }) },
	{ schema: { type: "number", multipleOf: 0.001 }, value: fc.record({ N: number }) },
	{ schema: { type: "string" }, value: fc.record({ S: text }) },
	{ schema: { enum: ["a", "b"] }, value: fc.record({ S: fc.constantFrom("a", "b", "c") }) },
	{ schema: { type: "string", format: "date-time" }, value: fc.record({ S: time }) },
	{ schema: { type: "string", format: "date" }, value: fc.record({ S: day }) },
	{ schema: { type: "string", contentEncoding: "base64" }, value: fc.constant({ B: "AAEC" }) },
	{ schema: { type: ["boolean", "null"] }, value: fc.record({ BOOL: fc.boolean() }) },
	{ schema: { type: ["string", "number"] }, value: fc.record({ N: number }) },
];
const stray: fc.Arbitrary<AttributeValue> = fc.oneof(
	...scalars.map(({ value }) => value),
	fc.constant({ NULL: true } as const),
	fc.record({ SS: fc.uniqueArray(fc.constantFrom("a", "B", "é", "2026-01-01"), { minLength: 1 }) }),
	fc.record({ NS: fc.uniqueArray(fc.integer().map(String), { minLength: 1, maxLength: 3 }) }),
	fc.constant<AttributeValue>({ L: [{ S: "x" }] }),
	fc.constant<AttributeValue>({ M: { a: { N: "1" } } }),
);

const name = fc.constantFrom("a", "b", "c.d", "e f", 'g"h', "i'j", "l~m/n", "time");
const { field } = fc.letrec<{ field: Field }>((tie) => ({
	field: fc.oneof(
		{ depthSize: "small", maxDepth: 3, withCrossShrink: true },
		fc.constantFrom(...scalars),
		tie("field").map(({ schema, value }) => ({
			schema: { type: "array", items: schema },
			value: fc.array(fc.oneof({ weight: 4, arbitrary: value }, stray), { maxLength: 3 }).map((L) => ({ L })),
		})),
		fc.dictionary(name, tie("field"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }).map((fields) => ({
			schema: {
				type: "object",
				properties: schemasOf(fields),
			},
			value: itemOf(fields).map((M) => ({ M })),
		})),
	),
}));

function schemasOf(fields: Record<string, Field>): Record<string, object> {
	return Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema]));
}

function itemOf(fields: Record<string, Field>): fc.Arbitrary<Item> {
	const members = Object.entries(fields).map(
		([key, { value }]) => [key, fc.oneof({ weight: 5, arbitrary: value }, stray)] as const,
	);
	return fc.record(Object.fromEntries(members), { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Item>;
}

const cases = fc
	.dictionary(name, field, { minKeys: 1, maxKeys: 5, noNullPrototype: true })
	.chain((fields) =>
		fc.tuple(fc.constant(schemasOf(fields)), fc.array(itemOf(fields), { minLength: 1, maxLength: 5 })),
	);

test("of whatever schema and items: the item's own value, or NULL", async () => {
	await fc.assert(
		fc.asyncProperty(cases, ([properties, items]) => hold(properties, items)),
		{ numRuns: 25 },
	);
}, 240_000);

test("the largest schema's views are Trino's SQL, and have room in Glue", () => {
	const properties = Object.fromEntries(
		Array.from({ length: 2 * MOST_COLUMNS }, (_, index) => [
			`attribute_with_a_long_name_${String(index).padStart(33, "0")}`,
			{ type: "string", format: "date-time" },
		]),
	);
	const { columns, cut } = columnsOf(
		rootOf({
			'it\'s "a\\b"': { type: "array", items: { type: "object", properties: { x: { type: "number" } } } },
			...properties,
		}),
	);
	expect(cut).toBe(true);
	expect(columns).toHaveLength(MOST_COLUMNS - 1);
	for (const { sql, columns: shown } of planViews(
		"tributary_prod_orders",
		{ partition: { name: "orderId", type: "S" }, sort: null },
		columns,
	)) {
		// As it stands in Glue's ViewOriginalText: JSON in base64.
		expect(Buffer.from(JSON.stringify({ sql, shown })).toString("base64").length).toBeLessThan(409_000);
		expect(new TrinoSQL().validate(sql)).toEqual([]);
	}
}, 120_000);
