import type { NumberStyle } from "../contract/change.ts";
import { compareNumbers } from "./decimal.ts";
import type { JsonWriter } from "./json-writer.ts";
import { isTexts } from "./sources/shape.ts";
import { compareUtf8 } from "./text.ts";

/*
 * Writes plain JSON text straight from DynamoDB JSON: a number that passed through a JavaScript value would lose
 * digits, and an attribute named `__proto__` or `toJSON` would do worse. The mapping is docs/values.md.
 */

const [BRACE, END_BRACE, BRACKET, END_BRACKET, COMMA, COLON] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a];

/** Writes an item as a JSON object; anything that is no item is `null`. */
export function writeItem(out: JsonWriter, item: unknown, numbers: NumberStyle): void {
	if (isObject(item)) {
		out.mark(BRACE);
		writeMembers(out, item, numbers);
		out.mark(END_BRACE);
	} else out.raw("null");
}

/** Writes an item's members without the braces, so that others can join them. Whether there were any. */
export function writeMembers(out: JsonWriter, item: object, numbers: NumberStyle): boolean {
	const members = item as Record<string, unknown>;
	let some = false;
	// `for in` makes no list of names. Nothing is inherited: of what JSON.parse makes, no prototype has enumerable members.
	for (const name in members) {
		if (some) out.mark(COMMA);
		some = true;
		out.string(name);
		out.mark(COLON);
		writeValue(out, members[name], numbers);
	}
	return some;
}

/** Writes one attribute value. What is not of DynamoDB's shape is written as it stands: a batch never fails on content. */
export function writeValue(out: JsonWriter, value: unknown, numbers: NumberStyle): void {
	let tag = "";
	let content: unknown;
	let count = 0;
	// The content is read inside the loop, where the engine knows its place without looking the name up.
	if (typeof value === "object" && value !== null)
		for (const name in value) {
			tag = name;
			content = (value as Record<string, unknown>)[name];
			count++;
		}
	if (count !== 1 || !writeTagged(out, tag, content, numbers)) out.raw(JSON.stringify(value) ?? "null");
}

/** Writes nothing and answers false when the content does not suit the tag. Most are texts and numbers. */
function writeTagged(out: JsonWriter, tag: string, content: unknown, numbers: NumberStyle): boolean {
	if (typeof content === "string") {
		if (tag === "S" || tag === "B") out.string(content);
		else if (tag === "N") writeNumber(out, content, numbers);
		else if (tag === "NULL") out.raw("null");
		else return false;
		return true;
	}
	switch (tag) {
		case "BOOL":
			if (typeof content !== "boolean") return false;
			out.raw(content ? "true" : "false");
			return true;
		case "NULL":
			out.raw("null");
			return true;
		case "M":
			if (!isObject(content)) return false;
			writeItem(out, content, numbers);
			return true;
		case "L":
			if (!Array.isArray(content)) return false;
			writeList(out, content, numbers, writeValue);
			return true;
		case "SS":
		case "BS":
			if (!isTexts(content)) return false;
			writeList(out, inOrder(content, compareUtf8), numbers, writeText);
			return true;
		case "NS":
			if (!isTexts(content)) return false;
			writeList(out, inOrder(content, compareNumbers), numbers, writeNumber);
			return true;
		default:
			return false;
	}
}

type Write<T> = (out: JsonWriter, value: T, numbers: NumberStyle) => void;

function writeList<T>(out: JsonWriter, members: readonly T[], numbers: NumberStyle, write: Write<T>): void {
	out.mark(BRACKET);
	let some = false;
	for (const member of members) {
		if (some) out.mark(COMMA);
		some = true;
		write(out, member, numbers);
	}
	out.mark(END_BRACKET);
}

const writeText: Write<string> = (out, text) => out.string(text);

/** A set's members in their order; DynamoDB mostly gives them so. */
function inOrder(set: readonly string[], compare: (left: string, right: string) => number): readonly string[] {
	for (let index = 1; index < set.length; index++)
		if (compare(set[index - 1] as string, set[index] as string) > 0) return set.toSorted(compare);
	return set;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LOOSE_NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/;

/** Writes a number with every digit it came with; a text that is no number becomes a JSON string. */
function writeNumber(out: JsonWriter, text: string, numbers: NumberStyle): void {
	if (numbers === "literal" && out.plainNumber(text)) return;
	const literal = JSON_NUMBER.test(text) ? text : normalise(text);
	if (literal === null || numbers === "string") out.string(literal ?? text);
	else out.raw(literal);
}

/** Legal for DynamoDB but not for JSON: `+5`, `007`, `.5`, `5.`. */
function normalise(text: string): string | null {
	const match = LOOSE_NUMBER.exec(text);
	if (match === null || !/^[+-]?\.?\d/.test(text)) return null;
	const [, sign, whole = "", fraction = "", exponent = ""] = match;
	const integer = whole.replace(/^0+(?=\d)/, "") || "0";
	return `${sign === "-" ? "-" : ""}${integer}${fraction === "" ? "" : `.${fraction}`}${exponent}`;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
