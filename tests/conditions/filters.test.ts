import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type Condition,
	type ImageTest,
	ITEM_EVENTS,
	type ItemEvent,
	type ItemPath,
	type Scalar,
} from "../../framework/contract/condition.ts";
import type { AttributeValue, Item, StreamRecord } from "../../framework/contract/dynamodb.ts";
import { compileFilters } from "../../framework/plan/filters.ts";
import { compileEventPattern } from "../../framework/runtime/event-pattern.ts";
import { compilePredicate } from "../../framework/runtime/predicate.ts";

function condition(parts: Partial<Condition>): Condition {
	return { events: [...ITEM_EVENTS], tests: [], changed: [], any: [], ...parts };
}

const on = (path: (string | number)[], asked: object) => ({ image: "new", path, ...asked }) as ImageTest;

describe("the law: what a condition selects, its filters let through", () => {
	const name = fc.constantFrom("a", "b", "a.b", "a.M.b", "S", "$or", "__proto__", "prefix");
	// Numbers as DynamoDB returns them: it trims zeros (developer guide, "Data types").
	const text = fc.constantFrom("", "x", "xy", "5", "true", "ß");
	const number = fc.constantFrom("0", "5", "-5", "1.5", "100", "1234567890123456");
	const scalar: fc.Arbitrary<Scalar> = fc.oneof(
		fc.record({ S: text }),
		fc.record({ N: fc.oneof(number, fc.constantFrom("5.0", "1e2", "-0")) }),
		fc.record({ BOOL: fc.boolean() }),
	);
	const { value } = fc.letrec<{ value: AttributeValue; item: Item }>((tie) => ({
		value: fc.oneof(
			{ maxDepth: 3 },
			fc.record({ S: text }),
			fc.record({ N: number }),
			fc.record({ BOOL: fc.boolean() }),
			fc.constant({ NULL: true }),
			fc.record({ SS: fc.array(text, { minLength: 1, maxLength: 2 }) }),
			fc.record({ L: fc.array(tie("value"), { maxLength: 2 }) }),
			fc.record({ M: tie("item") }),
		) as fc.Arbitrary<AttributeValue>,
		item: fc.dictionary(name, tie("value"), { maxKeys: 3 }),
	}));
	const item = fc.dictionary(name, value, { maxKeys: 4 });
	const orderable = fc.oneof(fc.record({ S: text }), fc.record({ N: number }));
	const values = fc.array(scalar, { minLength: 1, maxLength: 3 });
	const asked = fc.oneof(
		...(["equals", "not"] as const).map((op) => fc.record({ op: fc.constant(op), values })),
		...(["prefix", "suffix", "equalsIgnoreCase"] as const).map((op) => fc.record({ op: fc.constant(op), value: text })),
		...(["gt", "gte", "lt", "lte"] as const).map((op) => fc.record({ op: fc.constant(op), value: orderable })),
		fc.record({ op: fc.constant("between" as const), low: orderable, high: orderable }),
		fc.record({ op: fc.constant("exists" as const), value: fc.boolean() }),
		fc.record({ op: fc.constant("contains" as const), value: scalar }),
	);
	const path: fc.Arbitrary<ItemPath> = fc.oneof<fc.MaybeWeightedArbitrary<ItemPath>[]>(
		{ weight: 4, arbitrary: fc.tuple(name) },
		{ weight: 2, arbitrary: fc.tuple(name, name) },
		fc.tuple(name, fc.constantFrom(0, 1)),
	);
	const imageTest = fc
		.tuple(fc.constantFrom("new", "old"), path, asked)
		.map(([image, path, operator]) => ({ image, path, ...operator }) as ImageTest);
	const conditionOf = (any: fc.Arbitrary<Condition[]>): fc.Arbitrary<Condition> =>
		fc.record({
			events: fc.subarray<ItemEvent>([...ITEM_EVENTS], { minLength: 1 }),
			tests: fc.array(imageTest, { maxLength: 2 }),
			changed: fc.array(path, { maxLength: 1 }),
			any,
		});
	const someCondition = conditionOf(fc.array(conditionOf(fc.constant([])), { maxLength: 7 }));
	const someRecord = fc.record({ NewImage: fc.option(item), OldImage: fc.option(item), ttl: fc.boolean() }).map(
		({ NewImage, OldImage, ttl }): StreamRecord => ({
			eventID: "e1",
			eventName: NewImage === null ? "REMOVE" : OldImage === null ? "INSERT" : "MODIFY",
			eventSource: "aws:dynamodb",
			...(ttl && { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }),
			dynamodb: { Keys: { a: { S: "1" } }, ...(NewImage && { NewImage }), ...(OldImage && { OldImage }) },
		}),
	);

	test.each(["dynamodb", "kinesis"] as const)("from %s", (source) => {
		fc.assert(
			fc.property(someCondition, fc.array(someRecord, { minLength: 8, maxLength: 8 }), (asked, records) => {
				const { filters } = compileFilters(asked, source);
				expect(filters.length).toBeLessThanOrEqual(5);
				const patterns = filters.map(compileEventPattern);
				const predicate = compilePredicate(asked);
				for (const record of records.filter((each) => predicate.matches(each))) {
					const event = source === "kinesis" ? { data: record } : record;
					expect(patterns.length === 0 || patterns.some((matches) => matches(event))).toBe(true);
				}
			}),
			{ numRuns: 1500 },
		);
	});
});

test.each<[string, Condition | null, object[]]>([
	["nothing", null, []],
	["every event", condition({}), []],
	["EXPIRE counts as REMOVE", condition({ events: ["EXPIRE"] }), [{ eventName: ["REMOVE"] }]],
	[
		"equality of texts and integers",
		condition({ tests: [on(["a", "b"], { op: "equals", values: [{ S: "x" }, { N: "1e2" }] })] }),
		[{ dynamodb: { NewImage: { a: { M: { b: { $or: [{ S: ["x"] }, { N: ["100"] }] } } } } } }],
	],
	[
		"not",
		condition({ tests: [on(["a"], { op: "not", values: [{ S: "x" }] })] }),
		[{ dynamodb: { NewImage: { a: { S: [{ "anything-but": ["x"] }, { exists: false }] } } } }],
	],
	[
		"a range asks for the type",
		condition({ tests: [on(["a"], { op: "gt", value: { N: "1" } })] }),
		[{ dynamodb: { NewImage: { a: { N: [{ exists: true }] } } } }],
	],
	["list elements pass", condition({ tests: [on(["a", 0], { op: "equals", values: [{ S: "x" }] })] }), []],
	["not below a map passes", condition({ tests: [on(["a", "b"], { op: "not", values: [{ S: "x" }] })] }), []],
	[
		"any",
		condition({
			events: ["INSERT"],
			any: ["x", "y"].map((S) => condition({ tests: [on(["a"], { op: "equals", values: [{ S }] })] })),
		}),
		["x", "y"].map((S) => ({ eventName: ["INSERT"], dynamodb: { NewImage: { a: { S: [S] } } } })),
	],
])("compiles %s", (_title, asked, filters) => {
	expect(compileFilters(asked, "dynamodb").filters).toEqual(filters);
});

test("lets claim-check stubs through on Kinesis", () => {
	const { filters } = compileFilters(condition({ events: ["INSERT"] }), "kinesis");
	expect(filters).toEqual([{ data: { eventName: ["INSERT"] } }, { data: { claimCheck: { key: [{ exists: true }] } } }]);
});

test("joins many alternatives with $or, and widens what is too long with a note", () => {
	const equals = (S: string) => condition({ tests: [on(["a"], { op: "equals", values: [{ S }] })] });
	const many = compileFilters(condition({ any: [..."abcdefg"].map(equals) }), "dynamodb");
	expect(many.filters).toHaveLength(1);
	expect(many.filters[0]).toHaveProperty("$or.length", 7);
	const long = compileFilters({ ...equals("x".repeat(5000)), events: ["INSERT"] }, "dynamodb");
	expect(long.filters).toEqual([{ eventName: ["INSERT"] }]);
	expect(long.notes.join()).toContain("4096 characters");
});

test("says so when a second test of a field is left to the function", () => {
	const tests = [on(["a"], { op: "prefix", value: "x" }), on(["a"], { op: "suffix", value: "y" })];
	expect(compileFilters(condition({ tests }), "dynamodb")).toEqual({
		filters: [{ dynamodb: { NewImage: { a: { S: [{ prefix: "x" }] } } } }],
		notes: ['new.a ends with "y": left to the function; a filter tests a field once.'],
	});
});
