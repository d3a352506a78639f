import { expect, test } from "vitest";
import { matchJson } from "./match.ts";

const differences = (expected: string[], actual: string[]) =>
	matchJson(expected, actual, ["body"], "body", () => "").map(({ detail }) => detail);

test("lists are compared whole: neither more nor fewer members, and in their order", () => {
	expect(differences(["a", "b"], ["a", "b"])).toEqual([]);
	expect(differences(["a"], ["a", "b"])).toEqual(['body: expected 1 members, got 2: ["a", "b"].']);
	expect(differences(["a", "b"], ["a"])).toEqual(['body: expected 2 members, got 1: ["a"].']);
	expect(differences(["a", "b"], ["b", "a"])).toHaveLength(2);
});
