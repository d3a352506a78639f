import { compareNumbers } from "./decimal.ts";

/** As deep as `sources/shape.ts` takes an image for one. */
const DEEPEST = 40;

/** Whether two attribute values are one: numbers by value, sets without order, absent (undefined) only equal to absent. */
export function equalValues(left: unknown, right: unknown, depth = 0): boolean {
	// No attribute: it differs from everything, so that its record is selected, and found malformed.
	if (depth > DEEPEST) return false;
	if (!isObject(left) || !isObject(right)) return left === right;
	const tag = Object.keys(left)[0];
	if (tag === undefined || Object.keys(right)[0] !== tag) return tag === Object.keys(right)[0];
	const [a, b] = [left[tag], right[tag]];
	switch (tag) {
		case "N":
			return isText(a) && isText(b) && compareNumbers(a, b) === 0;
		case "M":
			return equalMaps(a, b, depth + 1);
		case "L":
			return equalLists(a, b, (x, y) => equalValues(x, y, depth + 1));
		case "SS":
		case "BS":
			return equalLists(sorted(a), sorted(b), (x, y) => x === y);
		case "NS":
			return equalLists(
				sorted(a, compareNumbers),
				sorted(b, compareNumbers),
				(x, y) => compareNumbers(String(x), String(y)) === 0,
			);
		default:
			return a === b;
	}
}

function equalMaps(left: unknown, right: unknown, depth: number): boolean {
	if (!isObject(left) || !isObject(right)) return left === right;
	const names = Object.keys(left);
	return (
		names.length === Object.keys(right).length &&
		names.every((name) => Object.hasOwn(right, name) && equalValues(left[name], right[name], depth))
	);
}

function equalLists(left: unknown, right: unknown, equal: (left: unknown, right: unknown) => boolean): boolean {
	if (!Array.isArray(left) || !Array.isArray(right)) return left === right;
	return left.length === right.length && left.every((member, index) => equal(member, right[index]));
}

function sorted(set: unknown, compare?: (left: string, right: string) => number): string[] {
	return Array.isArray(set) ? set.map(String).sort(compare) : [];
}

function isText(value: unknown): value is string {
	return typeof value === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
