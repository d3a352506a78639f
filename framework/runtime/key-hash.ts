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
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
	let text = "";
	for (const name of Object.keys(value).sort()) {
		const member = `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`;
		text = text === "" ? member : `${text},${member}`;
	}
	return `{${text}}`;
}
