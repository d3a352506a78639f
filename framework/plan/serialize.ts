import type { Plan } from "./types.ts";

/** The plan as text. A compiled plan's keys are sorted, so the same definitions give the same bytes. */
export function serializePlan(plan: Plan): string {
	return `${JSON.stringify(plan, null, 2)}\n`;
}

/** A copy whose objects have their keys in code unit order, so that no author's order shows. Lists keep theirs. */
export function sortKeys<T>(value: T): T {
	if (Array.isArray(value)) return value.map(sortKeys) as T;
	if (value === null || typeof value !== "object") return value;
	const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
	return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)])) as T;
}
