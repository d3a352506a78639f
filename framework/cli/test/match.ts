import type { Value } from "../../definition/values.ts";
import type { DocumentPath } from "../../diagnostics/diagnostic.ts";
import { isNumber, type Json, NumberText, showJson } from "./json.ts";

/** Where what was expected and what came differ; `path` is of the expectation. */
export interface Difference {
	path: DocumentPath;
	detail: string;
}

/** Values that a test cannot write down: any, or none. */
const ABSENT = "$absent";
const ANY = "$any";

/** Compares plain values: members of a mapping that are not expected may be there, lists are compared whole. */
export function matchJson(
	expected: Value,
	actual: Json | undefined,
	path: DocumentPath,
	what: string,
	numberText: (path: DocumentPath) => string,
): Difference[] {
	const differ = (): Difference[] => [
		{ path, detail: `${what}: expected ${showExpected(expected, path, numberText)}, got ${showJson(actual)}.` },
	];
	if (typeof expected === "object" && !Array.isArray(expected)) {
		if (ABSENT in expected) return actual === undefined ? [] : differ();
		if (ANY in expected) return actual === undefined ? differ() : [];
		if ("$NULL" in expected) return actual === null ? [] : differ();
		if ("$N" in expected) return isNumber(actual) && actual.equals(new NumberText(String(expected.$N))) ? [] : differ();
		if (!isObject(actual)) return differ();
		return Object.entries(expected).flatMap(([name, member]) =>
			matchJson(
				member,
				Object.hasOwn(actual, name) ? actual[name] : undefined,
				[...path, name],
				`${what}.${name}`,
				numberText,
			),
		);
	}
	if (Array.isArray(expected)) {
		if (!Array.isArray(actual)) return differ();
		if (actual.length !== expected.length)
			return [
				{ path, detail: `${what}: expected ${expected.length} members, got ${actual.length}: ${showJson(actual)}.` },
			];
		return expected.flatMap((member, index) =>
			matchJson(member, actual[index], [...path, index], `${what}[${index}]`, numberText),
		);
	}
	if (typeof expected === "number")
		return isNumber(actual) && actual.equals(new NumberText(numberText(path))) ? [] : differ();
	return actual === expected ? [] : differ();
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !isNumber(value);
}

function showExpected(value: Value, path: DocumentPath, numberText: (path: DocumentPath) => string): string {
	if (typeof value === "number") return numberText(path);
	return typeof value === "object" && !Array.isArray(value) && ABSENT in value ? "nothing" : JSON.stringify(value);
}
