import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { locate } from "./locate.ts";
import { readSource } from "./read.ts";

const key = fc.constantFrom("a", "b", "table", "with.dot", "é", "0");
const { tree } = fc.letrec((tie) => ({
	tree: fc.oneof(
		{ maxDepth: 4 },
		fc.string(),
		fc.integer(),
		fc.array(tie("tree"), { maxLength: 3 }),
		fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
	),
}));

test("any path has a place inside the file", () => {
	const path = fc.array(fc.oneof(key, fc.nat(3)), { maxLength: 5 });
	fc.assert(
		fc.property(
			fc.dictionary(key, tree),
			path,
			fc.constantFrom("key" as const, "value" as const),
			(value, at, what) => {
				const text = stringify(value);
				const { source } = readSource({ file: "x.yaml", bytes: new TextEncoder().encode(text) });
				if (source === null) return;
				const place = locate(source, at, what);
				const lines = text.split("\n");
				expect(place.line).toBeGreaterThanOrEqual(1);
				expect(place.endLine).toBeLessThanOrEqual(lines.length);
				expect(place.column).toBeLessThanOrEqual((lines[place.line - 1] ?? "").length + 1);
				expect(place.endColumn).toBeLessThanOrEqual((lines[place.endLine - 1] ?? "").length + 1);
				const isForward = place.endLine > place.line || place.endColumn >= place.column;
				expect(isForward).toBe(true);
			},
		),
		{ numRuns: 200 },
	);
});

test("a key and its value are told apart, and a missing one falls back on what is above it", () => {
	const { source } = readSource({ file: "x.yaml", bytes: new TextEncoder().encode("a:\n  b: 12\n") });
	if (source === null) throw new Error("unreadable");
	expect(locate(source, ["a", "b"], "key")).toEqual({ line: 2, column: 3, endLine: 2, endColumn: 4 });
	expect(locate(source, ["a", "b"], "value")).toEqual({ line: 2, column: 6, endLine: 2, endColumn: 8 });
	expect(locate(source, ["a", "c"], "key")).toEqual({ line: 1, column: 1, endLine: 1, endColumn: 2 });
});

test("a value ends at its last character, not at the blank lines after it", () => {
	const { source } = readSource({ file: "x.yaml", bytes: new TextEncoder().encode("a:\n  b: 12\n\n\nc: 1\n") });
	if (source === null) throw new Error("unreadable");
	expect(locate(source, ["a"], "value")).toEqual({ line: 2, column: 3, endLine: 2, endColumn: 8 });
});
