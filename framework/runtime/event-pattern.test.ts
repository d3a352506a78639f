import { describe, expect, test } from "vitest";
import { compileEventPattern } from "./event-pattern.ts";

/** `[row, path, list at the path, event value at the path (undefined = absent), matches]` */
type Case = [row: string, path: string, list: unknown[], value: unknown, matches: boolean];

const ABSENT = undefined;
const BOTH = [{ exists: false }, { prefix: "x" }];

const CASES: Case[] = [
	["1", "price.N", [{ numeric: [">", 100] }], "150", false],
	["2", "price.N", ["150"], "150", true],
	["3", "price.N", [150], "150", false],
	["4", "price.N", ["150.0"], "150", false],
	["5", "price.N", [{ "anything-but": [0] }], "0", true],
	["6a", "n", [{ numeric: [">", 100] }, { "anything-but": "101" }], 42, true],
	["6b", "n.N", [{ numeric: [">", 100] }, { "anything-but": "101" }], "101", false],
	["7", "time", [{ numeric: [">", 0] }], 1562819720, true],
	["8", "SizeBytes", [{ numeric: [">", 20] }], 26, true],
	["9a", "tags", [{ exists: true }], { L: [{ S: "a" }] }, false],
	["9b", "tags", [{ exists: true }], { S: "a" }, false],
	["10", "tags.S", [{ exists: true }], "x", true],
	["11", "tags", [{ exists: false }], { S: "x" }, true],
	["12a", "tags.S", [{ exists: false }], "x", false],
	["12b", "tags.S", [{ exists: false }], ABSENT, true],
	["13", "tags", [{ exists: true }], [{}, "a"], true],
	["14", "e.L", [{ exists: false }], [], true],
	["17", "s.SS", ["red"], ["blue", "red"], true],
	["18a", "s.SS", [{ "anything-but": ["red"] }], ["blue", "red"], true],
	["18b", "s.SS", [{ "anything-but": ["red"] }], ["red"], false],
	["19a", "flag.BOOL", [true], true, true],
	["19b", "flag.BOOL", ["true"], true, false],
	["20a", "x.NULL", [true], true, true],
	["20b", "x", [null], { NULL: true }, false],
	["21", "presentKey", ["v"], { S: "v" }, false],
	["22", "status.S", [{ "anything-but": ["DONE"] }], ABSENT, false],
	["23a", "eventName", ["INSERT"], "INSERT", true],
	["23b", "eventName", ["INSERT", "MODIFY"], "REMOVE", false],
	["25", "userIdentity", [{ exists: false }], { type: "Service" }, true],
	["26a", "userIdentity.type", [{ exists: false }], "Service", false],
	["26b", "userIdentity.type", [{ exists: false }], ABSENT, true],
	["27a", "name", [null], null, true],
	["27b", "name", [null], ABSENT, false],
	["28a", "name", [{ exists: true }], null, true],
	["28b", "name", [{ exists: true }], "", true],
	["29", "name", [""], "", true],
	["30a", "items", [{ exists: true }], [], false],
	["30b", "items", [{ exists: false }], [], true],
	["31a", "s", BOTH, ABSENT, true],
	["31b", "s", BOTH, "xy", true],
	["31c", "s", BOTH, "yx", false],
	["32a", "s", [{ "anything-but": "x" }], ABSENT, false],
	["32b", "s", [{ "anything-but": "x" }], null, true],
	["32c", "s", [{ "anything-but": "x" }], 5, true],
	["33", "n", [300], 3.0e2, true],
	["34", "n", [{ numeric: ["=", 300] }], "300", false],
	["35", "n", [{ numeric: [">", 0, "<", 5] }], 5, false],
	["35b", "n", [{ numeric: [">", 0, "<=", 5] }], 5, true],
	["36a", "s", ["alice"], "Alice", false],
	["36b", "s", [{ "equals-ignore-case": "alice" }], "Alice", true],
	["37a", "s", [{ "equals-ignore-case": "ä" }], "Ä", true],
	["37b", "s", [{ "equals-ignore-case": "straße" }], "STRASSE", true],
	["38", "s", ["caf\u00e9"], "cafe\u0301", false],
	["39a", "s", [{ prefix: "" }], "any", true],
	["39b", "s", [{ prefix: "" }], 5, false],
	["45", "n", [1], [[1, 2]], true],
	["46a", "n", [9007199254740993n], 9007199254740993n, true],
	["46b", "n", [9007199254740993n], 9007199254740992n, false],
	["suffix", "s", [{ suffix: ".png" }], "a.png", true],
	["wildcard", "s", [{ wildcard: "a*b*c" }], "a1b2c", true],
	["wildcard, overlap", "s", [{ wildcard: "ab*ba" }], "aba", false],
	["cidr", "s", [{ cidr: "10.0.0.0/24" }], "10.0.0.7", true],
	["anything-but prefix", "s", [{ "anything-but": { prefix: "x" } }], "xy", false],
];

function nest(path: string, value: unknown): object {
	return path
		.split(".")
		.reduceRight((inner: unknown, name) => (inner === undefined ? {} : { [name]: inner }), value) as object;
}

test.each(CASES)("row %s: %s", (_row, path, list, value, matches) => {
	expect(compileEventPattern(nest(path, list))(nest(path, value))).toBe(matches);
});

describe("whole events", () => {
	const sameElement = (sku: string, qty: string) => ({ l: { L: { M: { sku: { S: [sku] }, qty: { N: [qty] } } } } });
	const lines = {
		l: { L: [{ M: { sku: { S: "A" }, qty: { N: "1" } } }, { M: { sku: { S: "B" }, qty: { N: "2" } } }] },
	};
	const either = { $or: [{ a: [1] }, { b: [2] }] };
	test.each<[string, object, unknown, boolean]>([
		["12: another tag", { a: { S: [{ exists: false }] } }, { a: { N: "1" } }, true],
		["12: no image", { NewImage: { a: { S: [{ exists: false }] } } }, {}, true],
		["13", { a: { L: { S: [{ exists: true }] } } }, { a: { L: [{ S: "a" }] } }, true],
		["15: two elements", sameElement("A", "2"), lines, false],
		["16: one element", sameElement("A", "1"), lines, true],
		["24", { userIdentity: { type: ["Service"] } }, { userIdentity: { type: "Service" } }, true],
		["40: data is a string", { data: { s: ["x"] } }, { data: '{"s":"x"}' }, false],
		["41: points in the pattern", { "a.b": ["x"] }, { a: { b: "x" } }, true],
		["41: points in the event", { a: { b: ["x"] } }, { "a.b": "x" }, true],
		["42", { data: either }, { data: { b: 2 } }, true],
		["42: beside a sibling", { data: { ...either, c: [3] } }, { data: { b: 2 } }, false],
		["42: none", either, { a: 2, b: 1 }, false],
		["47", { l: { b: [{ exists: false }] } }, { l: [{ b: 1 }, { c: 2 }] }, false],
		["$or as a field", { $or: [1, 2] }, { $or: 2 }, true],
		[
			"across $or, one element",
			{ l: { x: [1] }, $or: [{ l: { y: [2] } }, { z: [1] }] },
			{ l: [{ x: 1 }, { y: 2 }] },
			false,
		],
		["a member called constructor", { constructor: { name: ["Object"] } }, {}, false],
		["no object", { a: [{ exists: false }] }, "text", false],
	])("row %s", (_row, pattern, event, matches) => {
		expect(compileEventPattern(pattern)(event)).toBe(matches);
	});

	test("rows 43 and 44: the last of two for one path counts", () => {
		expect(compileEventPattern({ "a.b": ["x"], a: { b: ["y"] } })({ a: { b: "y" } })).toBe(true);
	});
});

test.each<[unknown, string]>([
	[{}, "Empty objects are not allowed"],
	[{ data: {} }, "Empty objects are not allowed"],
	[{ a: [] }, "Empty arrays are not allowed"],
	[{ $or: [] }, "Empty arrays are not allowed"],
	[{ a: "x" }, '"a" must be an object or an array'],
	[[], "Filter is not an object"],
	["x", "Filter is not an object"],
	[{ a: [[1, 2]] }, "Match value must be"],
	[{ a: ["x", ["y"]] }, "Match value must be"],
	[{ $or: [{ a: [1] }] }, "Unrecognized match type"],
	[{ $or: [{ prefix: ["a"] }, { b: [1] }] }, "must be a string"],
	[{ a: [{ "anything-but": [1, "a"] }] }, "all strings or all numbers"],
	[{ a: [{ "anything-but": [null] }] }, "all strings or all numbers"],
	[{ a: [{ "anything-but": [true] }] }, "all strings or all numbers"],
	[{ a: [{ "anything-but": { prefix: "" } }] }, "Null prefix/suffix not allowed"],
	[{ a: [{ exists: "true" }] }, "exists match pattern must be either true or false"],
	[{ a: [{ exists: true, prefix: "a" }] }, "Only one key allowed in match expression"],
	[{ a: [{ foo: 1 }] }, "Unrecognized match type"],
	[{ a: { L: [{ S: ["x"] }] } }, "Unrecognized match type"],
	[{ a: [{ numeric: ["<", 5, ">", 0] }] }, "Too many elements"],
	[{ a: [{ numeric: [">", 10, "<", 5] }] }, "Bottom must be less than top"],
	[{ a: [{ numeric: ["!=", 5] }] }, "Unrecognized numeric range operator"],
	[JSON.parse('{"a":[{"numeric":["=",9007199254740993]}]}'), "Cannot compare number"],
	[JSON.parse('{"a":[{"numeric":["=",12345678901234567]}]}'), "Cannot compare number"],
	[JSON.parse('{"a":[{"numeric":["=",12345678901234567890]}]}'), "Cannot compare number"],
	[{ a: [{ wildcard: "a**c" }] }, "Consecutive wildcard characters"],
	[{ a: [{ "equals-ignore-case": 5 }] }, "must be a string"],
	[{ a: [{ prefix: 5 }] }, "must be a string"],
])("refuses %j", (pattern, message) => {
	expect(() => compileEventPattern(pattern as object)).toThrow(message);
});

test.each([1e18, 1562819720000, 1562819720000000])("compares with %d", (value) => {
	expect(compileEventPattern({ a: [{ numeric: ["=", value] }] })({ a: value })).toBe(true);
});
