import { compareNumbers } from "../../runtime/decimal.ts";

/** A JSON number by its digits: two numbers are the same when they have the same value, whatever their size. */
export class NumberText {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
	equals(other: NumberText): boolean {
		return compareNumbers(this.text, other.text) === 0;
	}
	toString(): string {
		return this.text;
	}
}

export type Json = string | boolean | null | NumberText | Json[] | { [name: string]: Json };

/** Reads JSON without losing a digit; undefined for what is no JSON. */
export function readJson(text: string): Json | undefined {
	try {
		// The reviver's third parameter is newer than the type library.
		const revive = (_name: string, value: unknown, context?: { source?: string }) =>
			typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value;
		return JSON.parse(text, revive as never) as Json;
	} catch {
		return undefined;
	}
}

export function isNumber(value: unknown): value is NumberText {
	return value instanceof NumberText;
}

/** One line, for messages. */
export function showJson(value: Json | undefined): string {
	if (value === undefined) return "nothing";
	if (isNumber(value)) return value.text;
	if (Array.isArray(value)) return `[${value.map(showJson).join(", ")}]`;
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	return `{${Object.entries(value)
		.map(([name, member]) => `${JSON.stringify(name)}: ${showJson(member)}`)
		.join(", ")}}`;
}
