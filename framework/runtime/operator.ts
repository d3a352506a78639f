import type { ImageTest, Orderable, Scalar } from "../contract/condition.ts";
import { compareDecimals, parseDecimal, shortNumber } from "./decimal.ts";
import { compareUtf8, foldCase } from "./text.ts";

/** A test of an attribute value as DynamoDB wrote it; undefined = absent. */
export type ValueTest = (value: unknown) => boolean;

/** Compiles an operator. Absent makes each false, but for `not` and `exists: false`; so does a value of another type. */
export function compileOperator(test: ImageTest): ValueTest {
	switch (test.op) {
		case "equals":
			return isOneOf(test.values);
		case "not": {
			const equal = isOneOf(test.values);
			return (value) => !equal(value);
		}
		case "prefix":
			return onText((text) => text.startsWith(test.value));
		case "suffix":
			return onText((text) => text.endsWith(test.value));
		case "equalsIgnoreCase": {
			const folded = foldCase(test.value);
			return onText((text) => foldCase(text) === folded);
		}
		case "gt":
			return ordered(test.value, (order) => order > 0);
		case "gte":
			return ordered(test.value, (order) => order >= 0);
		case "lt":
			return ordered(test.value, (order) => order < 0);
		case "lte":
			return ordered(test.value, (order) => order <= 0);
		case "between": {
			const [low, high] = [ordered(test.low, (order) => order >= 0), ordered(test.high, (order) => order <= 0)];
			return (value) => low(value) && high(value);
		}
		case "exists":
			return (value) => (value !== undefined) === test.value;
		case "contains":
			return contains(test.value);
	}
}

function isOneOf(values: Scalar[]): ValueTest {
	const tests = values.map(isEqual);
	const [only] = tests;
	if (only && tests.length === 1) return only;
	return (value) => {
		for (const test of tests) if (test(value)) return true;
		return false;
	};
}

function isEqual(constant: Scalar): ValueTest {
	if ("S" in constant) return onText((text) => text === constant.S);
	if ("BOOL" in constant) return (value) => content(value, "BOOL") === constant.BOOL;
	return ordered(constant, (order) => order === 0);
}

function ordered(constant: Orderable, accepts: (order: number) => boolean): ValueTest {
	if ("S" in constant) return onText((text) => accepts(compareUtf8(text, constant.S)));
	const right = parseDecimal(constant.N);
	const shortRight = shortNumber(constant.N);
	return (value) => {
		const text = content(value, "N");
		if (typeof text !== "string" || right === null) return false;
		const shortLeft = shortRight === null ? null : shortNumber(text);
		if (shortLeft !== null && shortRight !== null) return accepts(shortLeft - shortRight);
		const left = parseDecimal(text);
		return left !== null && accepts(compareDecimals(left, right));
	};
}

function contains(constant: Scalar): ValueTest {
	const equal = isEqual(constant);
	const [set, tag] = "S" in constant ? ["SS", "S"] : ["NS", "N"];
	return (value) => {
		const list = content(value, "L");
		if (Array.isArray(list)) return list.some(equal);
		if ("S" in constant && onText((text) => text.includes(constant.S))(value)) return true;
		const members = "BOOL" in constant ? undefined : content(value, set);
		return Array.isArray(members) && members.some((member) => equal({ [tag]: member }));
	};
}

function onText(test: (text: string) => boolean): ValueTest {
	return (value) => {
		const text = content(value, "S");
		return typeof text === "string" && test(text);
	};
}

function content(value: unknown, tag: string): unknown {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[tag] : undefined;
}
