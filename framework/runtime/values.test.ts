import fc from "fast-check";
import { expect, test } from "vitest";
import type { NumberStyle } from "../contract/change.ts";
import type { AttributeValue, StreamRecord } from "../contract/dynamodb.ts";
import { classify, makeChange } from "./change.ts";
import { compareNumbers } from "./decimal.ts";
import { jsonText } from "./json-writer.ts";
import { hashKeys } from "./key-hash.ts";
import { compareUtf8 } from "./text.ts";
import { writeValue } from "./values.ts";

function written(value: unknown, numbers: NumberStyle = "literal"): string {
	return jsonText((out) => writeValue(out, value, numbers));
}

test.each<[AttributeValue, string]>([
	[{ N: "12345678901234567890123456789012345678" }, "12345678901234567890123456789012345678"],
	[{ N: "1.10" }, "1.10"],
	[{ N: "+5" }, "5"],
	[{ N: "007" }, "7"],
	[{ N: "-.5" }, "-0.5"],
	[{ N: "5." }, "5"],
	[{ N: "1E+50" }, "1E+50"],
	[{ N: "NaN" }, '"NaN"'],
	[{ B: "Zm9v" }, '"Zm9v"'],
	[{ S: "" }, '""'],
	[{ NULL: true }, "null"],
	[{ NS: ["10", "9", "-1"] }, "[-1,9,10]"],
	[{ SS: ["b", "a"] }, '["a","b"]'],
	[{ L: [] }, "[]"],
	[{ M: JSON.parse('{"__proto__":{"S":"x"},"toJSON":{"N":"1"}}') }, '{"__proto__":"x","toJSON":1}'],
	[{ X: [1] } as unknown as AttributeValue, '{"X":[1]}'],
	[{ S: 5 } as unknown as AttributeValue, '{"S":5}'],
])("writes %j as %s", (value, text) => {
	expect(written(value)).toBe(text);
});

test("quotes numbers on demand", () => {
	expect(written({ L: [{ N: "01" }, { NS: ["2"] }] }, "string")).toBe('["1",["2"]]');
});

test("anything that JSON can hold is written as JSON", () => {
	fc.assert(fc.property(fc.jsonValue(), (value) => void JSON.parse(written(value))));
});

test("a text is written as JSON.stringify writes it, however it grows and whatever was written before", () => {
	const text = fc.oneof(
		fc.string({ unit: "binary" }),
		fc.string(),
		fc.constantFrom("\ud800", "a\u007f", "\u2028", "ü"),
	);
	fc.assert(fc.property(text, (given) => void expect(written({ S: given })).toBe(JSON.stringify(given))));
	const long = "ä€😀\n".repeat(500_000);
	expect(written({ L: [{ S: long }, { S: "x" }] })).toBe(JSON.stringify([long, "x"]));
	const broken = () =>
		jsonText((out) => {
			out.raw("half a");
			throw new Error("text");
		});
	expect(broken).toThrow();
	expect(written({ S: "x" })).toBe('"x"');
});

test("decimals compare as exact numbers do", () => {
	const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 20 }));
	fc.assert(
		fc.property(decimal, decimal, ([a, i], [b, j]) => {
			const exact = a * 10n ** BigInt(i) - b * 10n ** BigInt(j);
			expect(Math.sign(compareNumbers(`${a}e${i}`, `${b}E+${j}`))).toBe(exact < 0n ? -1 : exact > 0n ? 1 : 0);
		}),
	);
});

test("texts compare as their bytes do", () => {
	const text = fc.string({ unit: "binary" });
	fc.assert(
		fc.property(text, text, (a, b) => {
			expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
		}),
	);
});

const record: StreamRecord = {
	eventID: "e1",
	eventName: "REMOVE",
	eventSource: "aws:dynamodb",
	eventSourceARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2019-07-11T04:32:45.949",
	userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
	dynamodb: {
		ApproximateCreationDateTime: 1562819720,
		Keys: { sort: { N: "1" }, id: { S: "a/b" } },
		OldImage: { id: { S: "a/b" }, sort: { N: "1" }, big: { N: "12345678901234567890" } },
		SequenceNumber: "100000000007063771489",
	},
};
const origin = {
	environment: "prod",
	pipeline: "orders",
	region: "eu-west-1",
	keys: { partition: { name: "id", type: "S" }, sort: { name: "sort", type: "N" } },
} as const;

test("tells TTL's deletes from others", () => {
	expect(classify(record)).toBe("EXPIRE");
	expect(classify({ ...record, userIdentity: { type: "User", principalId: "dynamodb.amazonaws.com" } })).toBe("REMOVE");
});

test("hashes keys whatever their order, and keeps their types apart", () => {
	expect(hashKeys({ b: { S: "1" }, a: { N: "1" } })).toBe(hashKeys({ a: { N: "1" }, b: { S: "1" } }));
	expect(hashKeys({ a: { N: "1" } })).not.toBe(hashKeys({ a: { S: "1" } }));
});

test("wraps a change in a CloudEvent", () => {
	const change = makeChange(record, origin);
	expect(change.sequence).toBe("2019-07-11T04:32:45.949/0000000000000000000100000000007063771489");
	expect(change.eventJson("literal")).toContain('"big":12345678901234567890');
	expect(JSON.parse(change.eventJson("string"))).toEqual({
		specversion: "1.0",
		id: "e1",
		source: "/prod/eu-west-1/orders",
		type: "tributary.item.expire.v1",
		subject: "a%2Fb/1",
		time: "2019-07-11T04:35:20Z",
		datacontenttype: "application/json",
		sequence: change.sequence,
		keyhash: hashKeys(record.dynamodb.Keys),
		data: { keys: { id: "a/b", sort: "1" }, new: null, old: { id: "a/b", sort: "1", big: "12345678901234567890" } },
	});
	expect(JSON.parse(change.itemJson("literal"))).toEqual({
		id: "a/b",
		sort: 1,
		_event: "EXPIRE",
		_time: "2019-07-11T04:35:20Z",
		_id: "e1",
	});
	expect(JSON.parse(change.recordJson())).toEqual(record);
});

test("never throws on content", () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (Keys, NewImage, time) => {
			const odd = { ...record, dynamodb: { Keys, NewImage, ApproximateCreationDateTime: time } };
			const change = makeChange(odd as unknown as StreamRecord, origin);
			for (const text of [change.itemJson("literal"), change.eventJson("string"), change.recordJson()])
				JSON.parse(text);
			expect(change.keyHash).toMatch(/^[0-9a-f]{64}$/);
		}),
	);
});
