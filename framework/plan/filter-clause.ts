import type { ImageTest, Orderable, Scalar } from "../contract/condition.ts";

/** What a field of a pattern may be: values and operators, ORed. */
export type FieldValues = (string | boolean | object)[];

/** A test as part of a pattern: fields by type tag below the attribute's path. */
export interface Clause {
	test: ImageTest;
	/** Member names from `dynamodb` down to the attribute. */
	path: string[];
	tags: [tag: string, values: FieldValues][];
	/** Whether every tag or one of them must match. */
	mode: "all" | "one";
	/** The fields it takes, as the filter engine sees them: names joined by points. */
	fields: string[];
	/** What it leaves to the function, if anything. */
	partly?: string;
}

const EXISTS = { exists: true };
const ABSENT = { exists: false };

/**
 * Compiles a test through a closed table; what is not in it is left to the function, with the reason.
 * Sound by construction: whatever satisfies the test has a field that satisfies the clause.
 */
export function compileClause(test: ImageTest): Clause | { left: string } {
	// The engine sees the elements of a list as one crowd: two tests of two elements would have to hold for one.
	if (test.path.some((step) => typeof step === "number")) return { left: "a filter cannot count list elements" };
	const path = attributePath(test);
	switch (test.op) {
		case "equals":
			return clause(test, path, groupEquals(test.values), "one");
		case "not":
			return compileNot(test, path, test.values);
		case "prefix":
			return clause(test, path, [["S", [{ prefix: test.value }]]], "all");
		case "suffix":
			// Every text ends with an empty one; whether a suffix may be empty is not documented, a prefix may.
			return clause(test, path, [["S", [test.value === "" ? { prefix: "" } : { suffix: test.value }]]], "all");
		case "equalsIgnoreCase":
			return present(test, path, "S", "it only asks for a text, case folding is left to the function");
		case "gt":
		case "gte":
		case "lt":
		case "lte":
			return present(test, path, tagOf(test.value), RANGE);
		case "between":
			return present(test, path, tagOf(test.low), RANGE);
		case "exists":
			return { left: "a filter sees no maps, so it cannot tell whether an attribute of any type is there" };
		case "contains":
			return { left: "a filter has no test for parts" };
	}
}

const RANGE = "it only asks for a value of this type, DynamoDB's numbers are text to a filter";

function attributePath({ image, path }: ImageTest): string[] {
	return [
		image === "new" ? "NewImage" : "OldImage",
		...path.flatMap((step, i) => (i === 0 ? [`${step}`] : ["M", `${step}`])),
	];
}

function clause(test: ImageTest, path: string[], tags: Clause["tags"], mode: Clause["mode"], partly?: string): Clause {
	const fields = tags.map(([tag]) => [...path, tag].join("."));
	if (mode === "one" && tags.length > 1) fields.push([...path, "$or"].join("."));
	return { test, path, tags, mode, fields, ...(partly !== undefined && { partly }) };
}

function present(test: ImageTest, path: string[], tag: string, partly: string): Clause {
	return clause(test, path, [[tag, [EXISTS]]], "all", partly);
}

function tagOf(value: Orderable): string {
	return "S" in value ? "S" : "N";
}

function groupEquals(values: Scalar[]): Clause["tags"] {
	return group(values).map(([tag, members]) => [tag, members.every((member) => member !== null) ? members : [EXISTS]]);
}

/**
 * Absent satisfies `not`, and anything-but fails on what is absent: so exists:false stands beside it. That looks at the
 * whole event, and the engine takes points for nesting: an attribute really named `a.M.b` would hide that `a.b` is absent.
 */
function compileNot(test: ImageTest, path: string[], values: Scalar[]): Clause | { left: string } {
	if (path.length > 2 || path.some((name) => name.includes(".")))
		return { left: "below a map a filter cannot be sure that an attribute is absent" };
	// A number that a filter cannot compare may be any text: no other number may be shut out in its place.
	const tags = group(values).map(([tag, members]): [string, FieldValues] => {
		const known = members.filter((member) => member !== null);
		if (tag === "BOOL") return [tag, [...[true, false].filter((value) => !known.includes(value)), ABSENT]];
		return [tag, known.length === 0 ? [] : [{ "anything-but": known }, ABSENT]];
	});
	const usable = tags.filter(([, members]) => members.length > 0);
	return usable.length === 0
		? { left: "a filter compares only integers of at most 15 digits" }
		: clause(test, path, usable, "all");
}

/** Values by type tag; null = one that a filter cannot compare. */
function group(values: Scalar[]): [string, (string | boolean | null)[]][] {
	const groups = new Map<string, (string | boolean | null)[]>();
	for (const value of values) {
		const [tag, member] =
			"S" in value ? ["S", value.S] : "N" in value ? ["N", canonicalInteger(value.N)] : ["BOOL", value.BOOL];
		groups.set(tag as string, [...(groups.get(tag as string) ?? []), member as string | boolean | null]);
	}
	return [...groups];
}

/** The text that DynamoDB writes for an integer of at most 15 digits: those that a float holds exactly. Null for others. */
function canonicalInteger(text: string): string | null {
	const value = Number(text);
	if (!Number.isInteger(value) || Math.abs(value) >= 1e15) return null;
	// Number() rounds: a fraction behind more than 15 digits must not pass for an integer.
	const digits = text
		.replace(/e.*$/i, "")
		.replace(/[^\d]/g, "")
		.replace(/^0+|0+$/g, "");
	return digits.length <= 15 ? String(value === 0 ? 0 : value) : null;
}
