import type { Operator, Orderable, Scalar } from "../contract/condition.ts";
import type { DiagnosticCode } from "../diagnostics/codes.ts";
import type { DocumentPath, PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { isObject } from "./merge.ts";
import { toNumberText } from "./number-text.ts";
import type { Value } from "./values.ts";

/** What stands in the file for a value: a YAML parser's number has lost digits already. */
export type SourceText = (path: DocumentPath) => string;

/** Collects problems while operands are read; a null operand has been reported. */
class OperandReader {
	readonly problems: PathDiagnostic[] = [];
	readonly #sourceText: SourceText;

	constructor(sourceText: SourceText) {
		this.#sourceText = sourceText;
	}

	report(code: DiagnosticCode, path: DocumentPath, detail: string, help: string, at: "key" | "value" = "value"): null {
		this.problems.push({ code, path, at, detail, help });
		return null;
	}

	scalar(value: Value, path: DocumentPath): Scalar | null {
		if (typeof value === "string") return { S: value };
		if (typeof value === "boolean") return { BOOL: value };
		if (typeof value !== "number")
			return this.report(
				"condition-operand",
				path,
				"A list or mapping cannot be compared with an attribute.",
				"Give text, a number, true or false.",
			);
		const text = this.#sourceText(path);
		const number = toNumberText(text);
		if (number !== null) return { N: number };
		const detail = `DynamoDB has no number ${text}: it holds decimals of up to 38 digits, between 1E-130 and 9.99E+125.`;
		return this.report(
			"condition-number",
			path,
			detail,
			"Write such a decimal, or put the value in quotes to compare text.",
		);
	}

	scalars(value: Value, path: DocumentPath): Scalar[] | null {
		if (!Array.isArray(value)) {
			const scalar = this.scalar(value, path);
			return scalar && [scalar];
		}
		if (value.length === 0)
			return this.report(
				"condition-operand",
				path,
				"The list is empty, so that no value can equal one of it.",
				"Name at least one value.",
			);
		const scalars = value.map((member, index) => this.scalar(member, [...path, index]));
		return scalars.includes(null) ? null : (scalars as Scalar[]);
	}

	orderable(value: Value, path: DocumentPath): Orderable | null {
		if (typeof value === "boolean")
			return this.report("condition-operand", path, "true and false have no order.", "Give text or a number.");
		return this.scalar(value, path) as Orderable | null;
	}

	text(value: Value, path: DocumentPath): string | null {
		if (typeof value === "string" && value !== "") return value;
		return this.report(
			"condition-operand",
			path,
			"This operator compares text and needs some.",
			"Give text; put digits in quotes.",
		);
	}
}

type Read = (value: Value, path: DocumentPath, reader: OperandReader) => Operator | null;

const OPERATORS: Readonly<Record<string, Read>> = {
	not: (value, path, reader) => {
		const values = reader.scalars(value, path);
		return values && { op: "not", values };
	},
	prefix: readText("prefix"),
	suffix: readText("suffix"),
	equalsIgnoreCase: readText("equalsIgnoreCase"),
	gt: readOrderable("gt"),
	gte: readOrderable("gte"),
	lt: readOrderable("lt"),
	lte: readOrderable("lte"),
	between: readBetween,
	exists: (value, path, reader) =>
		typeof value === "boolean"
			? { op: "exists", value }
			: reader.report("condition-operand", path, "An attribute exists or does not.", "Give true or false."),
	contains: (value, path, reader) => {
		const scalar = reader.scalar(value, path);
		return scalar && { op: "contains", value: scalar };
	},
};

/** What is asked of one attribute: a value, a list of values, or an object of operators that must all hold. */
export function compileOperators(
	value: Value,
	path: DocumentPath,
	sourceText: SourceText,
): { operators: Operator[]; problems: PathDiagnostic[] } {
	const reader = new OperandReader(sourceText);
	const operators = (isObject(value) ? readAll(value, path, reader) : [readEquals(value, path, reader)]).filter(
		(operator) => operator !== null,
	);
	return { operators, problems: reader.problems };
}

function readAll(value: { [key: string]: Value }, path: DocumentPath, reader: OperandReader): (Operator | null)[] {
	const entries = Object.entries(value);
	if (entries.length === 0)
		return [
			reader.report(
				"condition-operand",
				path,
				"No operator is given, so nothing is asked.",
				suggest("", Object.keys(OPERATORS)),
			),
		];
	return entries.map(([name, operand]) => {
		const read = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
		if (read) return read(operand, [...path, name], reader);
		const help = `${suggest(name, Object.keys(OPERATORS))} For an attribute inside a map, write the path: \`customer.country\`.`;
		return reader.report("condition-operator-unknown", [...path, name], `There is no operator "${name}".`, help, "key");
	});
}

function readEquals(value: Value, path: DocumentPath, reader: OperandReader): Operator | null {
	const values = reader.scalars(value, path);
	return values && { op: "equals", values };
}

function readText(op: "prefix" | "suffix" | "equalsIgnoreCase"): Read {
	return (value, path, reader) => {
		const text = reader.text(value, path);
		return text === null ? null : { op, value: text };
	};
}

function readOrderable(op: "gt" | "gte" | "lt" | "lte"): Read {
	return (value, path, reader) => {
		const operand = reader.orderable(value, path);
		return operand && { op, value: operand };
	};
}

function readBetween(value: Value, path: DocumentPath, reader: OperandReader): Operator | null {
	const [first, last, ...more] = Array.isArray(value) ? value : [];
	if (first === undefined || last === undefined || more.length > 0)
		return reader.report(
			"condition-operand",
			path,
			"`between` takes the lowest and the highest value.",
			"Write `between: [10, 20]`.",
		);
	const low = reader.orderable(first, [...path, 0]);
	const high = reader.orderable(last, [...path, 1]);
	if (low === null || high === null) return null;
	if ("S" in low !== "S" in high)
		return reader.report(
			"condition-operand",
			path,
			"One end is text and the other a number; no value lies between.",
			"Give two numbers or two texts.",
		);
	return { op: "between", low, high };
}
