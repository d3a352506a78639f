import type { Field } from "./pattern-parse.ts";
import { type Branch, isObject, member } from "./pattern-tree.ts";

/** Fields that one pick of array elements satisfies, a bit each. */
type Satisfied = bigint;

/**
 * The test of an object in which a path is spelled in two ways: `{"a.b": …, "a": {"b": …}}`. Each field may then come from either, and those
 * from one must agree about its elements. So every value answers with all that it can satisfy at once; that is at most
 * a set for each subset of the fields, however long the arrays are. Rare, and therefore not compiled.
 */
export function createSplitMatch(branch: Branch, done: ReadonlySet<Field>): (value: object) => boolean {
	const bits = new Map(branch.fields.map((field, index) => [field, 1n << BigInt(index)]));
	const bitOf = (field: Field): bigint => bits.get(field) ?? 0n;
	return (value) => {
		const wanted = branch.fields.reduce((sum, field) => (done.has(field) ? sum : sum | bitOf(field)), 0n);
		return satisfiable(branch, value, bitOf).some((satisfied) => (satisfied & wanted) === wanted);
	};
}

function satisfiable(branch: Branch, value: unknown, bitOf: (field: Field) => bigint): Satisfied[] {
	if (Array.isArray(value)) return largest([0n, ...value.flatMap((element) => satisfiable(branch, element, bitOf))]);
	if (!isObject(value)) return [branch.field?.matches(value) ? bitOf(branch.field) : 0n];
	let picks: Satisfied[] = [0n];
	for (const { key, to } of branch.ways) {
		if (!Object.hasOwn(value, key)) continue;
		const more = satisfiable(to, member(value, key), bitOf);
		picks = largest(picks.flatMap((pick) => more.map((other) => pick | other)));
	}
	return picks;
}

/** Without those that another one holds. */
function largest(picks: readonly Satisfied[]): Satisfied[] {
	const unique = [...new Set(picks)];
	return unique.filter((pick) => !unique.some((other) => other !== pick && (other & pick) === pick));
}
