import { type Field, parsePattern, type Rule } from "./pattern-parse.ts";
import { createSplitMatch } from "./pattern-split.ts";
import { type Branch, isObject, member, plant } from "./pattern-tree.ts";

/*
 * Event source mapping filters as the open source engine of AWS, event-ruler, evaluates them: an event is a flat set of
 * fields, and a path's names are joined by points. Fields below one array must come from the same element of it.
 *
 * A branch of the rule meets each value at its path once, whatever it holds: the cost grows with the event and not with the ways to
 * pick elements from its arrays.
 */

type ValueTest = (value: unknown) => boolean;

/**
 * Compiles a filter pattern, the parsed JSON of it. Throws on a pattern that AWS refuses. Numbers past 2^53 compare
 * exactly when both sides are bigint; a parser that makes floats of them has rounded both.
 */
export function compileEventPattern(pattern: object): (event: unknown) => boolean {
	const rules = parsePattern(pattern).map(compileRule);
	return (event) => isObject(event) && rules.some((rule) => rule(event));
}

function compileRule(rule: Rule): ValueTest {
	const fields = [...rule.values()];
	/** Fields that nothing more is asked of in the event at hand: they may be absent, and are. */
	const done = new Set<Field>();
	const holds = compileBranch(plant(fields), done);
	const optional = fields.flatMap((field) => (field.absent ? [{ field, place: plant([field]) }] : []));
	if (optional.length === 0) return holds;
	return (event) => {
		done.clear();
		// Absence is of the whole event, whatever the other fields pick among an array's elements.
		for (const { field, place } of optional) if (!occurs(place, event)) done.add(field);
		return holds(event);
	};
}

/** Whether a value satisfies every field of a branch, but for those that are done. */
function compileBranch(branch: Branch, done: ReadonlySet<Field>): ValueTest {
	const { field, fields } = branch;
	const others = fields.filter((each) => each !== field);
	const mayBeDone = fields.every(({ absent }) => absent);
	const areDone = (asked: readonly Field[]): boolean => asked.every((each) => done.has(each));
	const below = compileMembers(branch, done);
	const holds: ValueTest = (value) => {
		if (mayBeDone && areDone(fields)) return true;
		if (Array.isArray(value)) return value.some(holds);
		if (isObject(value)) return (field === null || done.has(field)) && below(value);
		return field !== null && (field.matches(value) || done.has(field)) && areDone(others);
	};
	return holds;
}

function compileMembers(branch: Branch, done: ReadonlySet<Field>): (value: object) => boolean {
	const direct = branch.ways.flatMap(({ key, direct, to }) =>
		direct ? [{ key, holds: compileBranch(to, done) }] : [],
	);
	const joined = branch.ways.flatMap(({ key, direct }) => (direct ? [] : [key]));
	const split = createSplitMatch(branch, done);
	return (value) => {
		for (const key of joined) if (Object.hasOwn(value, key)) return split(value);
		for (const { key, holds } of direct) if (!holds(member(value, key))) return false;
		return true;
	};
}

/** Whether the one field of this branch has a leaf anywhere in the value. Objects and empty arrays are no leaves. */
function occurs(branch: Branch, value: unknown): boolean {
	if (Array.isArray(value)) return value.some((element) => occurs(branch, element));
	if (!isObject(value)) return branch.field !== null && value !== undefined;
	return branch.ways.some(({ key, to }) => Object.hasOwn(value, key) && occurs(to, member(value, key)));
}
