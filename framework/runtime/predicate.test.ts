import { describe, expect, test } from "vitest";
import { type Condition, type ImageTest, ITEM_EVENTS } from "../contract/condition.ts";
import type { AttributeValue, Item, StreamRecord } from "../contract/dynamodb.ts";
import { compilePredicate } from "./predicate.ts";

function recordOf(NewImage?: Item, OldImage?: Item): StreamRecord {
	return {
		eventID: "e1",
		eventName: NewImage === undefined ? "REMOVE" : OldImage === undefined ? "INSERT" : "MODIFY",
		eventSource: "aws:dynamodb",
		dynamodb: { Keys: { id: { S: "1" } }, ...(NewImage && { NewImage }), ...(OldImage && { OldImage }) },
	};
}

function condition(parts: Partial<Condition>): Condition {
	return { events: [...ITEM_EVENTS], tests: [], changed: [], any: [], ...parts };
}

type Asked = ImageTest extends infer Test ? (Test extends ImageTest ? Omit<Test, "image" | "path"> : never) : never;

function holds(asked: Asked, value?: AttributeValue): boolean {
	const tests = [{ image: "new", path: ["a"], ...asked } as ImageTest];
	return compilePredicate(condition({ tests })).matches(recordOf(value === undefined ? {} : { a: value }));
}

describe("operators", () => {
	test.each<[Asked, AttributeValue | undefined, boolean]>([
		[{ op: "equals", values: [{ S: "5" }] }, { N: "5" }, false],
		[{ op: "equals", values: [{ N: "1e2" }] }, { N: "100.0" }, true],
		[
			{ op: "equals", values: [{ N: "12345678901234567890123456789012345678" }] },
			{ N: "12345678901234567890123456789012345679" },
			false,
		],
		[{ op: "equals", values: [{ BOOL: false }] }, { BOOL: false }, true],
		[{ op: "not", values: [{ S: "x" }] }, undefined, true],
		[{ op: "not", values: [{ S: "x" }] }, { S: "x" }, false],
		[{ op: "not", values: [{ S: "x" }] }, { N: "1" }, true],
		[{ op: "prefix", value: "ab" }, { S: "abc" }, true],
		[{ op: "suffix", value: "bc" }, { S: "abc" }, true],
		[{ op: "equalsIgnoreCase", value: "straße" }, { S: "STRASSE" }, true],
		[{ op: "gt", value: { N: "9" } }, { N: "10" }, true],
		[{ op: "gt", value: { N: "-9" } }, { N: "-10" }, false],
		[{ op: "gt", value: { S: "\u{ffff}" } }, { S: "\u{10000}" }, true],
		[{ op: "gte", value: { N: "0.1" } }, { N: "1E-1" }, true],
		[{ op: "lt", value: { N: "1" } }, undefined, false],
		[{ op: "lte", value: { S: "b" } }, { S: "b" }, true],
		[{ op: "between", low: { N: "1" }, high: { N: "2" } }, { N: "2" }, true],
		[{ op: "between", low: { N: "1" }, high: { N: "2" } }, { N: "2.1" }, false],
		[{ op: "exists", value: true }, { NULL: true }, true],
		[{ op: "exists", value: false }, undefined, true],
		[{ op: "exists", value: false }, { M: {} }, false],
		[{ op: "contains", value: { S: "b" } }, { S: "abc" }, true],
		[{ op: "contains", value: { S: "b" } }, { SS: ["a", "b"] }, true],
		[{ op: "contains", value: { N: "1.0" } }, { NS: ["2", "1"] }, true],
		[{ op: "contains", value: { BOOL: true } }, { L: [{ S: "true" }, { BOOL: true }] }, true],
		[{ op: "contains", value: { S: "1" } }, { NS: ["1"] }, false],
	])("%j on %j: %s", (asked, value, expected) => {
		expect(holds(asked, value)).toBe(expected);
	});
});

describe("changed", () => {
	const predicate = compilePredicate(condition({ changed: [["a"]] }));
	test.each<[string, Item | undefined, Item | undefined, boolean]>([
		["absent on both sides", {}, {}, false],
		["absent before", { a: { NULL: true } }, undefined, true],
		["numbers by value", { a: { N: "1.0" } }, { a: { N: "1" } }, false],
		["sets without order", { a: { SS: ["x", "y"] } }, { a: { SS: ["y", "x"] } }, false],
		["lists with order", { a: { L: [{ S: "x" }, { S: "y" }] } }, { a: { L: [{ S: "y" }, { S: "x" }] } }, true],
		["numbers inside maps", { a: { M: { b: { N: "10" } } } }, { a: { M: { b: { N: "1e1" } } } }, false],
		["another type", { a: { S: "1" } }, { a: { N: "1" } }, true],
		["a removed member", { a: { M: {} } }, { a: { M: { b: { S: "" } } } }, true],
	])("%s", (_title, after, before, expected) => {
		expect(predicate.matches(recordOf(after, before))).toBe(expected);
	});
});

test("finds nested members and elements, and no inherited ones", () => {
	const test = (path: (string | number)[]) =>
		compilePredicate(condition({ tests: [{ image: "new", path, op: "exists", value: true }] })).matches(
			recordOf({ a: { M: { "b.c": { L: [{ S: "x" }, { M: { d: { N: "1" } } }] } } } }),
		);
	expect(test(["a", "b.c", 1, "d"])).toBe(true);
	expect(test(["a", "b.c", 2])).toBe(false);
	expect(test(["constructor"])).toBe(false);
});

test("says which part does not hold, and no value of the record", () => {
	const tests: ImageTest[] = [{ image: "new", path: ["status"], op: "equals", values: [{ S: "PAID" }] }];
	const explain = (part: Partial<Condition>, item?: Item) => compilePredicate(condition(part)).explain(recordOf(item));
	expect(explain({ tests }, { status: { S: "PAID" } })).toBeNull();
	expect(explain({ tests }, { status: { S: "private" } })).toBe('new.status is "PAID" does not hold: it is a text');
	expect(explain({ tests })).toBe('new.status is "PAID" does not hold: there is no new image');
	expect(explain({ events: ["MODIFY"] }, {})).toBe("asked for event MODIFY, this is INSERT");
	expect(explain({ any: [condition({ tests })] }, {})).toBe('any of (new.status is "PAID") does not hold');
});
