import type { NumberStyle } from "../contract/change.ts";
import { compareNumbers } from "./decimal.ts";
import { compareUtf8 } from "./text.ts";

/*
 * Writes plain JSON text straight from DynamoDB JSON: a number that passed through a JavaScript value would lose
 * digits, and an attribute named `__proto__` or `toJSON` would do worse. The mapping is docs/values.md.
 */

/** Writes an item as a JSON object; anything that is no item is `null`. */
export function writeItem(item: unknown, numbers: NumberStyle): string {
	return isObject(item) ? `{${writeMembers(item, numbers)}}` : "null";
}

/** Writes an item's members without the braces, so that others can join them. */
export function writeMembers(item: object, numbers: NumberStyle): string {
	let text = "";
	for (const [name, value] of Object.entries(item))
		text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${writeValue(value, numbers)}`;
	return text;
}

/** Writes one attribute value. What is not of DynamoDB's shape is written as it stands: a batch never fails on content. */
export function writeValue(value: unknown, numbers: NumberStyle): string {
	if (!isObject(value)) return writeRaw(value);
	const tags = Object.keys(value);
	const tag = tags[0];
	if (tags.length !== 1 || tag === undefined) return writeRaw(value);
	return writeTagged(tag, (value as Record<string, unknown>)[tag], numbers) ?? writeRaw(value);
}

/** Null when the content does not suit the tag. */
function writeTagged(tag: string, content: unknown, numbers: NumberStyle): string | null {
	switch (tag) {
		case "S":
		case "B":
			return typeof content === "string" ? JSON.stringify(content) : null;
		case "N":
			return typeof content === "string" ? writeNumber(content, numbers) : null;
		case "BOOL":
			return typeof content === "boolean" ? String(content) : null;
		case "NULL":
			return "null";
		case "M":
			return isObject(content) ? writeItem(content, numbers) : null;
		case "L":
			return Array.isArray(content) ? `[${content.map((member) => writeValue(member, numbers)).join(",")}]` : null;
		case "SS":
		case "BS":
			return isTexts(content)
				? `[${content
						.toSorted(compareUtf8)
						.map((text) => JSON.stringify(text))
						.join(",")}]`
				: null;
		case "NS":
			return isTexts(content)
				? `[${content
						.toSorted(compareNumbers)
						.map((text) => writeNumber(text, numbers))
						.join(",")}]`
				: null;
		default:
			return null;
	}
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LOOSE_NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/;

/** Writes a number with every digit it came with; a text that is no number becomes a JSON string. */
function writeNumber(text: string, numbers: NumberStyle): string {
	const literal = JSON_NUMBER.test(text) ? text : normalise(text);
	return literal === null ? JSON.stringify(text) : numbers === "string" ? `"${literal}"` : literal;
}

/** Legal for DynamoDB but not for JSON: `+5`, `007`, `.5`, `5.`. */
function normalise(text: string): string | null {
	const match = LOOSE_NUMBER.exec(text);
	if (match === null || !/^[+-]?\.?\d/.test(text)) return null;
	const [, sign, whole = "", fraction = "", exponent = ""] = match;
	const integer = whole.replace(/^0+(?=\d)/, "") || "0";
	return `${sign === "-" ? "-" : ""}${integer}${fraction === "" ? "" : `.${fraction}`}${exponent}`;
}

function writeRaw(value: unknown): string {
	return JSON.stringify(value) ?? "null";
}

function isTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every((member) => typeof member === "string");
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
