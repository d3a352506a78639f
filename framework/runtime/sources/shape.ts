import type { Images } from "../../contract/deliver.ts";
import type { Item, StreamRecord } from "../../contract/dynamodb.ts";
import { isObject } from "./source.ts";

/** DynamoDB nests 32 levels (developer guide, "Quotas"); the rest is room, and an end to recursion on forged input. */
const DEEPEST = 40;

const NO_NEW_IMAGE = "its NewImage is not made of DynamoDB attributes";
const NO_OLD_IMAGE = "its OldImage is not made of DynamoDB attributes";

const EVENT_NAMES: readonly unknown[] = ["INSERT", "MODIFY", "REMOVE"];

/** What a stream record lacks to be one, in words; null when it lacks nothing. Its images are not looked into. */
export function envelopeProblem(record: unknown): string | null {
	if (!isObject(record)) return "it is not an object";
	if (typeof record.eventID !== "string" || record.eventID === "") return "it has no eventID";
	if (!EVENT_NAMES.includes(record.eventName)) return "its eventName is none of INSERT, MODIFY, REMOVE";
	const change = record.dynamodb;
	if (!isObject(change)) return "it has no `dynamodb`";
	if (!isKeys(change.Keys)) return "its Keys are not DynamoDB attributes";
	const { NewImage, OldImage } = change;
	if (NewImage !== undefined && !isObject(NewImage)) return NO_NEW_IMAGE;
	if (OldImage !== undefined && !isObject(OldImage)) return NO_OLD_IMAGE;
	const { userIdentity } = record;
	return userIdentity == null || isObject(userIdentity) ? null : "its userIdentity is not an object";
}

/** What these images lack of a record whose envelope lacks nothing: to look costs as much as they are large. */
export function imageProblem({ dynamodb: { NewImage, OldImage } }: StreamRecord, images: Images): string | null {
	if (NewImage !== undefined && !isItem(NewImage)) return NO_NEW_IMAGE;
	return images === "new" || OldImage === undefined || isItem(OldImage) ? null : NO_OLD_IMAGE;
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
	if (depth > DEEPEST || typeof value !== "object" || value === null) return false;
	let tag = "";
	let content: unknown;
	let count = 0;
	// A list has no tag either: its names are places.
	for (const name in value) {
		tag = name;
		content = (value as Record<string, unknown>)[name];
		count++;
	}
	if (count !== 1) return false;
	// Most are scalars.
	if (typeof content === "string") return tag === "S" || tag === "N" || tag === "B";
	if (typeof content === "boolean") return tag === "BOOL" || tag === "NULL";
	return suits(tag, content, depth);
}

/** Whether a content that is no scalar is one of the tag. Makes no closures: it is asked for every attribute. */
function suits(tag: string, content: unknown, depth: number): boolean {
	switch (tag) {
		case "M":
			return isItem(content, depth);
		case "L":
			return isList(content, depth);
		case "SS":
		case "NS":
		case "BS":
			return isTexts(content);
		default:
			return false;
	}
}

/** Whether a value is a list of texts, as a set is. */
export function isTexts(value: unknown): value is string[] {
	if (!Array.isArray(value)) return false;
	for (const member of value) if (typeof member !== "string") return false;
	return true;
}

function isList(value: unknown, depth: number): boolean {
	if (!Array.isArray(value)) return false;
	for (const member of value) if (!isAttribute(member, depth + 1)) return false;
	return true;
}
