import { hash } from "node:crypto";
import type { Item } from "../contract/dynamodb.ts";

/**
 * Lower-case hex SHA-256 of the canonical JSON of Keys: names sorted, type tags kept.
 * A hash, because a Kinesis partition key ends at 256 characters and a DynamoDB key does not.
 */
export function hashKeys(keys: Item): string {
	return hash("sha256", canonicalJson(keys), "hex");
}

export function canonicalJson(value: unknown): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	let text = "{";
	for (const name of sorted(Object.keys(value))) {
		if (text !== "{") text += ",";
		text += `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`;
	}
	return `${text}}`;
}

/** A table's keys are two at most, an attribute has one tag, and the engine makes room for many before it sorts. */
function sorted(names: string[]): string[] {
	if (names.length > 2) return names.sort();
	if (names.length === 2 && String(names[1]) < String(names[0])) names.reverse();
	return names;
}
