import { type Field, parsePattern, type Rule } from "./pattern-parse.ts";

/*
 * Event source mapping filters as the open source engine of AWS, event-ruler, evaluates them: an event is a flat set of
 * fields, and a path's names are joined by points. Fields below one array must come from the same element of it.
 */

/** A rule as a tree: its fields by the names of their paths. */
interface Branch {
	/** The field that ends here, if any. */
	field: Field | null;
	/** Every field at or below. */
	fields: Field[];
	/** Each way on: its own name, or several names joined by points, as an event may have them in one key. */
	ways: { key: string; direct: boolean; to: Branch }[];
}

/**
 * Compiles a filter pattern, the parsed JSON of it. Throws on a pattern that AWS refuses. Numbers past 2^53 compare
 * exactly when both sides are bigint; a parser that makes floats of them has rounded both.
 */
export function compileEventPattern(pattern: object): (event: unknown) => boolean {
	const rules = parsePattern(pattern).map(compileRule);
	return (event) => isObject(event) && rules.some((rule) => rule(event));
}

function compileRule(rule: Rule): (event: object) => boolean {
	const fields = [...rule.values()];
	const optional = fields.filter((field) => field.absent);
	const root = plant(fields, 0);
	if (optional.length === 0) return (event) => holds(root, event, NONE);
	const places = optional.map((field) => ({ field, at: plant([field], 0) }));
	// Absence is of the whole event, whatever the other fields pick among an array's elements.
	return (event) =>
		holds(root, event, new Set(places.filter(({ at }) => !occurs(at, event)).map(({ field }) => field)));
}

const NONE: ReadonlySet<Field> = new Set();

function plant(fields: Field[], depth: number): Branch {
	const groups = Map.groupBy(
		fields.filter(({ path }) => path.length > depth),
		({ path }) => path[depth] as string,
	);
	const ways = [...groups].flatMap(([key, members]) => {
		const to = plant(members, depth + 1);
		const further = to.ways.map((way) => ({ key: `${key}.${way.key}`, direct: false, to: way.to }));
		return [{ key, direct: true, to }, ...further];
	});
	return { field: fields.find(({ path }) => path.length === depth) ?? null, fields, ways };
}

/** Whether a value satisfies every field of a branch, but for those that are done. */
function holds(branch: Branch, value: unknown, done: ReadonlySet<Field>): boolean {
	if (branch.fields.every((field) => done.has(field))) return true;
	if (Array.isArray(value)) return value.some((element) => holds(branch, element, done));
	if (!isObject(value)) return branch.fields.every((field) => done.has(field) || satisfies(branch, field, value));
	if (branch.field !== null && !done.has(branch.field)) return false;
	return holdsBelow(branch, value, done);
}

function satisfies(branch: Branch, field: Field, leaf: unknown): boolean {
	return branch.field === field && field.matches(leaf);
}

function holdsBelow(branch: Branch, value: object, done: ReadonlySet<Field>): boolean {
	const joined = branch.ways.filter((way) => !way.direct && Object.hasOwn(value, way.key));
	// A key with points in it is rare: then each field may come from either spelling.
	if (joined.length > 0) return branch.fields.every((field) => done.has(field) || anyWay(branch, value, field, done));
	return branch.ways.every((way) => !way.direct || holds(way.to, member(value, way.key), done));
}

function anyWay(branch: Branch, value: object, field: Field, done: ReadonlySet<Field>): boolean {
	const others = new Set([...branch.fields, ...done]);
	others.delete(field);
	return branch.ways.some(
		(way) =>
			way.to.fields.includes(field) && Object.hasOwn(value, way.key) && holds(way.to, member(value, way.key), others),
	);
}

/** Whether the one field of this branch has a leaf anywhere in the value. Objects and empty arrays are no leaves. */
function occurs(branch: Branch, value: unknown): boolean {
	if (Array.isArray(value)) return value.some((element) => occurs(branch, element));
	if (!isObject(value)) return branch.field !== null && value !== undefined;
	return branch.ways.some((way) => Object.hasOwn(value, way.key) && occurs(way.to, member(value, way.key)));
}

/** Own members only: an attribute may be called `constructor`. */
function member(value: object, name: string): unknown {
	return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null;
}
