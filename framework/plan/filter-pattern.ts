import type { Clause, FieldValues } from "./filter-clause.ts";

type Branch = Map<string, Branch | FieldValues | object[]>;

/** Joins clauses into one nested pattern. Maps first: an attribute may be called `__proto__`. */
export function buildPattern(clauses: Clause[]): object {
	const root: Branch = new Map();
	for (const { path, tags, mode } of clauses) {
		let branch = root;
		for (const name of path) branch = descend(branch, name);
		if (mode === "one" && tags.length > 1)
			branch.set(
				"$or",
				tags.map(([tag, values]) => ({ [tag]: values })),
			);
		else for (const [tag, values] of tags) branch.set(tag, values);
	}
	return toObject(root);
}

function descend(branch: Branch, name: string): Branch {
	const known = branch.get(name);
	if (known instanceof Map) return known;
	const next: Branch = new Map();
	branch.set(name, next);
	return next;
}

function toObject(branch: Branch): object {
	return Object.fromEntries(
		[...branch].map(([name, member]) => [name, member instanceof Map ? toObject(member) : member]),
	);
}
