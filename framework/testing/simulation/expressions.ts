import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Row = Record<string, AttributeValue>;

interface Words {
	values?: Record<string, AttributeValue> | undefined;
	names?: Record<string, string> | undefined;
}

/**
 * The part of DynamoDB's expression language that the runtime writes: SET, REMOVE, ADD of numbers and if_not_exists; AND, OR, NOT,
 * comparisons, attribute_exists and attribute_not_exists (DynamoDB developer guide, "Condition and filter expressions").
 * Throws on anything else: what the model does not know it must not pass over.
 */
export function updateRow(row: Row, expression: string, words: Words): Row {
	const updated = { ...row };
	for (const [, clause = "", list = ""] of expression.matchAll(
		/\b(SET|REMOVE|ADD|DELETE)\s+(.*?)(?=\s+(?:SET|REMOVE|ADD|DELETE)\s|$)/g,
	)) {
		if (clause === "DELETE") throw new Error(`The model does not know ${clause}.`);
		for (const part of list.split(/,\s*(?![^(]*\))/)) {
			if (clause === "ADD") {
				const [name = "", value = ""] = part.split(/\s+/);
				updated[nameOf(name, words)] = sum(row[nameOf(name, words)], words.values?.[value]);
				continue;
			}
			const [name = "", value] = part.split(/\s*=\s*/);
			if (clause === "REMOVE") delete updated[nameOf(name, words)];
			else updated[nameOf(name, words)] = assigned(row, (value ?? "").trim(), words);
		}
	}
	return updated;
}

function sum(before: AttributeValue | undefined, added: AttributeValue | undefined): AttributeValue {
	if (added?.N === undefined) throw new Error("The model adds numbers only.");
	return { N: String(Number(before?.N ?? 0) + Number(added.N)) };
}

function assigned(row: Row, text: string, words: Words): AttributeValue {
	const fallback = /^if_not_exists\(\s*([#\w]+)\s*,\s*(:\w+)\s*\)$/.exec(text);
	const value = fallback
		? (row[nameOf(fallback[1] ?? "", words)] ?? words.values?.[fallback[2] ?? ""])
		: words.values?.[text];
	if (value === undefined) throw new Error(`The model cannot assign ${text}.`);
	return value;
}

const nameOf = (text: string, { names }: Words): string => {
	const name = text.trim();
	return name.startsWith("#") ? (names?.[name] ?? name) : name;
};

export function holds(row: Row, expression: string | undefined, words: Words): boolean {
	if (expression === undefined) return true;
	const tokens = expression.match(/<>|<=|>=|[<>=(),]|[:#]?\w+/g) ?? [];
	const result = readOr(tokens, row, words);
	if (tokens.length > 0) throw new Error(`The model cannot read ${tokens.join(" ")}.`);
	return result;
}

function readOr(tokens: string[], row: Row, words: Words): boolean {
	let result = readAnd(tokens, row, words);
	while (take(tokens, "OR")) result = [result, readAnd(tokens, row, words)].some(Boolean);
	return result;
}

function readAnd(tokens: string[], row: Row, words: Words): boolean {
	let result = readTerm(tokens, row, words);
	while (take(tokens, "AND")) result = [result, readTerm(tokens, row, words)].every(Boolean);
	return result;
}

function readTerm(tokens: string[], row: Row, words: Words): boolean {
	if (take(tokens, "NOT")) return !readTerm(tokens, row, words);
	if (take(tokens, "(")) {
		const result = readOr(tokens, row, words);
		expect(tokens, ")");
		return result;
	}
	const first = tokens.shift() ?? "";
	if (first === "attribute_exists" || first === "attribute_not_exists") {
		expect(tokens, "(");
		const there = row[nameOf(tokens.shift() ?? "", words)] !== undefined;
		expect(tokens, ")");
		return there === (first === "attribute_exists");
	}
	const operator = tokens.shift() ?? "";
	return compare(operand(first, row, words), operator, operand(tokens.shift() ?? "", row, words));
}

function operand(text: string, row: Row, words: Words): AttributeValue | undefined {
	return text.startsWith(":") ? words.values?.[text] : row[nameOf(text, words)];
}

/** False when one is absent or their types differ, but for `<>`. */
function compare(left: AttributeValue | undefined, operator: string, right: AttributeValue | undefined): boolean {
	const [one, other] = [scalarOf(left), scalarOf(right)];
	if (one === null || other === null || typeof one !== typeof other) return operator === "<>";
	switch (operator) {
		case "=":
			return one === other;
		case "<>":
			return one !== other;
		case "<":
			return one < other;
		case "<=":
			return one <= other;
		case ">":
			return one > other;
		case ">=":
			return one >= other;
		default:
			throw new Error(`The model does not know the operator ${operator}.`);
	}
}

function scalarOf(value: AttributeValue | undefined): string | number | boolean | null {
	return value?.S ?? (value?.N === undefined ? (value?.BOOL ?? null) : Number(value.N));
}

function take(tokens: string[], token: string): boolean {
	if (tokens[0] !== token) return false;
	tokens.shift();
	return true;
}

function expect(tokens: string[], token: string): void {
	if (!take(tokens, token)) throw new Error(`The model expected ${token} before ${tokens.join(" ")}.`);
}
