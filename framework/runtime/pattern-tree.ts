import type { Field } from "./pattern-parse.ts";

/** A rule as a tree: its fields by the names of their paths. */
export interface Branch {
	/** The field that ends here, if any. */
	field: Field | null;
	/** Every field at or below. */
	fields: Field[];
	/** Each way on: its own name, or several names joined by points, as an event may have them in one key. */
	ways: { key: string; direct: boolean; to: Branch }[];
}

export function plant(fields: Field[], depth = 0): Branch {
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

/** Own members only: an attribute may be called `constructor`. */
export function member(value: object, name: string): unknown {
	return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

export function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null;
}
