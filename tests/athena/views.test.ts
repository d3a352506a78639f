import { TrinoSQL } from "dt-sql-parser";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttributeValue, Item, StreamRecord } from "../../framework/contract/dynamodb.ts";
import { planViews } from "../../framework/plan/athena/views.ts";
import { RECORD_TIME, streamRecord } from "../../framework/testing/factories.ts";
import { askBoth, ORDERS } from "./both-engines.ts";

/** Of JSON, the meaning counts: Trino sorts the members of an object. */
function plain(rows: readonly Record<string, unknown>[] | undefined) {
	return rows?.map((row) =>
		Object.fromEntries(
			Object.entries(row).map(([column, value]) => {
				const isJson = ["keys", "new", "old", "item"].includes(column) && value !== null;
				return [column, isJson ? JSON.parse(String(value)) : value];
			}),
		),
	);
}

async function compare(batches: readonly (readonly StreamRecord[])[]): Promise<void> {
	const { local, athena } = await askBoth(batches, []);
	for (const name of ORDERS) expect(plain(athena[name])).toEqual(plain(local[name]));
}

const image = (item: string, more: Item): Item => ({ orderId: { S: item }, ...more });

test("the views answer in Athena what they answer here", async () => {
	const everything = image("a", {
		"a\"b.c'd\\e": { S: 'x"\\\n\u0001é😀' },
		number: { N: "12345678901234567890.5" },
		numbers: { NS: ["10", "9", "-1.5", "123456789012345678901"] },
		texts: { SS: ["b", "a", "é"] },
		bytes: { B: "AAEC" },
		manyBytes: { BS: ["AQ==", "AA=="] },
		yes: { BOOL: true },
		no: { BOOL: false },
		nothing: { NULL: true },
		S: { M: { S: { S: "x" }, M: { M: {} } } },
		list: { L: [{ N: "1" }, { L: [] }, { M: { L: { L: [{ NULL: true }] } } }] },
	});
	await compare([
		[
			streamRecord({ item: "a", number: 1, newImage: image("a", {}) }),
			streamRecord({ item: "a", number: 2, eventName: "MODIFY", newImage: everything, oldImage: image("a", {}) }),
			// Of NEW_IMAGE: the change before stands for the old image.
			streamRecord({
				item: "a",
				number: 3,
				eventName: "MODIFY",
				newImage: image("a", { number: { N: "1" } }),
				time: RECORD_TIME + 7200,
			}),
			streamRecord({ item: "b", number: 1, newImage: image("b", {}) }),
			streamRecord({ item: "b", number: 2, eventName: "REMOVE", oldImage: image("b", {}) }),
			streamRecord({ item: "c", number: 1, eventName: "REMOVE", expired: true, oldImage: image("c", {}) }),
			{ ...streamRecord({ item: "d" }), eventName: "OTHER" } as unknown as StreamRecord,
			{ whatever: 1 } as unknown as StreamRecord,
		],
	]);
});

const scalar: fc.Arbitrary<AttributeValue> = fc.oneof(
	fc.record({ S: fc.string({ unit: "grapheme", maxLength: 8 }) }),
	fc.record({ N: fc.oneof(fc.integer().map(String), fc.constant("3.14159265358979323846")) }),
	fc.record({ BOOL: fc.boolean() }),
	fc.constant({ NULL: true } as const),
	fc.record({ SS: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }) }),
	fc.record({ NS: fc.uniqueArray(fc.integer().map(String), { minLength: 1, maxLength: 3 }) }),
);
const name = fc.oneof(fc.constantFrom("S", "N", "M", "L", "a"), fc.string({ minLength: 1, maxLength: 4 }));
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small", maxDepth: 5, withCrossShrink: true },
		scalar,
		fc.record({ M: fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }) }),
		fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }),
	),
}));
const attributes = fc.dictionary(
	name.filter((each) => each !== "orderId"),
	value,
	{ maxKeys: 4, noNullPrototype: true },
);

test("whatever the images hold", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.tuple(attributes, fc.boolean()), { minLength: 1, maxLength: 12 }), (images) => {
			const before = new Map<string, Item>();
			const records = images.map(([more, other], index) => {
				const item = other ? "x" : "y";
				const oldImage = before.get(item) ?? null;
				const newImage = image(item, more);
				before.set(item, newImage);
				return streamRecord({ item, number: index + 1, eventName: oldImage ? "MODIFY" : "INSERT", oldImage, newImage });
			});
			return compare([records]);
		}),
		{ numRuns: 25 },
	);
}, 120_000);

test.each(
	planViews(
		"tributary_prod_orders",
		{ partition: { name: 'it\'s "a\\b"', type: "N" }, sort: { name: "s", type: "B" } },
		[],
	),
)(
	"$name is Trino's SQL",
	({ sql }) => {
		expect(new TrinoSQL().validate(sql)).toEqual([]);
	},
	60_000,
);
