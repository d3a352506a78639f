import { AwsError, type JsonInput } from "../aws-json.ts";

export const invalidArgument = (message: string): AwsError => new AwsError("InvalidArgumentException", message);
export const validationError = (message: string): AwsError => new AwsError("ValidationException", message);

/** A text member; null if it is absent. */
export function optionalText(input: JsonInput, name: string): string | null {
	const value = input[name] ?? null;
	if (value !== null && typeof value !== "string") throw validationError(`${name} must be a string.`);
	return value;
}

export function requiredText(input: JsonInput, name: string): string {
	const value = optionalText(input, name);
	if (value === null) throw validationError(`${name} is required.`);
	return value;
}

/** A whole number within bounds; the fallback if it is absent. */
export function wholeNumber<Fallback>(
	input: JsonInput,
	name: string,
	[min, max]: readonly [number, number],
	fallback: Fallback,
): number | Fallback {
	const value = input[name] ?? null;
	if (value === null) return fallback;
	if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max)
		throw validationError(`${name} must be a whole number from ${min} to ${max}.`);
	return value;
}

/** One of some words; the fallback if it is absent. */
export function oneOf<Word extends string, Fallback>(
	input: JsonInput,
	name: string,
	words: readonly Word[],
	fallback: Fallback,
): Word | Fallback {
	const value = optionalText(input, name);
	if (value === null) return fallback;
	const word = words.find((each) => each === value);
	if (word === undefined) throw validationError(`${name} must be one of ${words.join(", ")}.`);
	return word;
}

/** A map of texts; empty if it is absent. */
export function textMap(input: JsonInput, name: string): Record<string, string> {
	const value = objectMember(input, name) ?? {};
	for (const member of Object.keys(value)) requiredText(value, member);
	return { ...value } as Record<string, string>;
}

export function objectMember(input: JsonInput, name: string): JsonInput | null {
	const value = input[name] ?? null;
	if (value !== null && (typeof value !== "object" || Array.isArray(value)))
		throw validationError(`${name} must be an object.`);
	return value as JsonInput | null;
}

export function listMember(input: JsonInput, name: string): unknown[] {
	const value = input[name];
	if (!Array.isArray(value)) throw validationError(`${name} must be a list.`);
	return value;
}

/** Stream and consumer names (Kinesis API reference). */
export function checkedName(input: JsonInput, name: string): string {
	const value = requiredText(input, name);
	if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(value))
		throw validationError(`${name} must have 1 to 128 characters of a-z, A-Z, 0-9, _, . and -.`);
	return value;
}
