import type { Item, StreamRecord } from "../../contract/dynamodb.ts";
import { isObject } from "./source.ts";

/** DynamoDB nests 32 levels (developer guide, "Quotas"); the rest is room, and an end to recursion on forged input. */
const DEEPEST = 40;

const EVENT_NAMES: readonly unknown[] = ["INSERT", "MODIFY", "REMOVE"];

/** What a stream record lacks to be one, in words; null when it lacks nothing. */
export function problemOf(record: unknown): string | null {
	if (!isObject(record)) return "it is not an object";
	if (typeof record.eventID !== "string" || record.eventID === "") return "it has no eventID";
	if (!EVENT_NAMES.includes(record.eventName)) return "its eventName is none of INSERT, MODIFY, REMOVE";
	const change = record.dynamodb;
	if (!isObject(change)) return "it has no `dynamodb`";
	if (!isKeys(change.Keys)) return "its Keys are not DynamoDB attributes";
	for (const image of ["NewImage", "OldImage"] as const)
		if (change[image] !== undefined && !isItem(change[image])) return `its ${image} is not made of DynamoDB attributes`;
	const { userIdentity } = record;
	return userIdentity == null || isObject(userIdentity) ? null : "its userIdentity is not an object";
}

export function isStreamRecord(record: unknown): record is StreamRecord {
	return problemOf(record) === null;
}

export function isKeys(value: unknown): value is Item {
	return isItem(value) && Object.keys(value).length > 0;
}

function isItem(value: unknown, depth = 0): value is Item {
	return isObject(value) && Object.values(value).every((member) => isAttribute(member, depth + 1));
}

function isAttribute(value: unknown, depth: number): boolean {
	if (depth > DEEPEST || !isObject(value)) return false;
	const tags = Object.keys(value);
	const [tag] = tags;
	if (tags.length !== 1 || tag === undefined) return false;
	const content = value[tag];
	switch (tag) {
		case "S":
		case "N":
		case "B":
			return typeof content === "string";
		case "BOOL":
		case "NULL":
			return typeof content === "boolean";
		case "SS":
		case "NS":
		case "BS":
			return Array.isArray(content) && content.every((member) => typeof member === "string");
		case "L":
			return Array.isArray(content) && content.every((member) => isAttribute(member, depth + 1));
		case "M":
			return isItem(content, depth);
		default:
			return false;
	}
}
