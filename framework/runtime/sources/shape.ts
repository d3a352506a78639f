import type { Item, StreamRecord } from "../../contract/dynamodb.ts";
import { isObject } from "./source.ts";

/** DynamoDB nests 32 levels (developer guide, "Quotas"); the rest is room, and an end to recursion on forged input. */
const DEEPEST = 40;

const EVENT_NAMES: readonly unknown[] = ["INSERT", "MODIFY", "REMOVE"];

/** What a stream record lacks to be one, in words; null when it lacks nothing. */
export function problemOf(record: unknown): string | null {
	const problem = envelopeProblem(record);
	if (problem !== null) return problem;
	const { NewImage, OldImage } = (record as StreamRecord).dynamodb;
	if (NewImage !== undefined && !isItem(NewImage)) return "its NewImage is not made of DynamoDB attributes";
	return OldImage === undefined || isItem(OldImage) ? null : "its OldImage is not made of DynamoDB attributes";
}

/** The same without a look into the images, which costs as much as they are large. */
export function envelopeProblem(record: unknown): string | null {
	if (!isObject(record)) return "it is not an object";
	if (typeof record.eventID !== "string" || record.eventID === "") return "it has no eventID";
	if (!EVENT_NAMES.includes(record.eventName)) return "its eventName is none of INSERT, MODIFY, REMOVE";
	const change = record.dynamodb;
	if (!isObject(change)) return "it has no `dynamodb`";
	if (!isKeys(change.Keys)) return "its Keys are not DynamoDB attributes";
	for (const image of ["NewImage", "OldImage"] as const)
		if (change[image] !== undefined && !isObject(change[image]))
			return `its ${image} is not made of DynamoDB attributes`;
	const { userIdentity } = record;
	return userIdentity == null || isObject(userIdentity) ? null : "its userIdentity is not an object";
}

export function isStreamRecord(record: unknown): record is StreamRecord {
	return problemOf(record) === null;
}

export function isKeys(value: unknown): value is Item {
	return isItem(value) && !isEmpty(value);
}

function isEmpty(value: object): boolean {
	for (const _ in value) return false;
	return true;
}

// `for in` over what JSON.parse made: its objects inherit nothing that is enumerable, and no list of names is made.
function isItem(value: unknown, depth = 0): value is Item {
	if (!isObject(value)) return false;
	for (const name in value) if (!isAttribute(value[name], depth + 1)) return false;
	return true;
}

function isAttribute(value: unknown, depth: number): boolean {
	if (depth > DEEPEST || !isObject(value)) return false;
	let count = 0;
	for (const tag in value) if (++count > 1 || !suits(tag, value[tag], depth)) return false;
	return count === 1;
}

/** Whether a content is one of the tag. */
function suits(tag: string, content: unknown, depth: number): boolean {
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
