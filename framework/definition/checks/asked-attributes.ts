import type { Operator, Scalar } from "../../contract/condition.ts";
import { formatPath, type PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { findNearest } from "../../diagnostics/suggest.ts";
import type { ReadItemSchema } from "../item-schema/read-item-schema.ts";
import { elementOf, namesOf, type Reading, readingsOf, stepInto, typesOf } from "../item-schema/readings.ts";
import type { Schema } from "../item-schema/schema.ts";
import { wordsOf } from "../item-schema/words.ts";
import type { AskedAttribute } from "../when.ts";
import type { Check } from "./check.ts";

/** A condition on what no item has is a slip: it would never hold, or always. */
export const checkAskedAttributes: Check = ({ consumers, itemSchema }) =>
	itemSchema === null
		? []
		: consumers.flatMap(({ asked }) =>
				asked.flatMap((attribute) => checkPath(attribute, itemSchema) ?? checkOperators(attribute, itemSchema)),
			);

/** null if the path can be there. */
function checkPath({ itemPath, path, at }: AskedAttribute, { root, file }: ReadItemSchema): PathDiagnostic[] | null {
	let schema: Schema = root;
	for (const [index, step] of itemPath.entries()) {
		const inner = stepInto(schema, step, root);
		if (readingsOf(inner, root).length > 0) {
			schema = inner;
			continue;
		}
		const owner = index === 0 ? "Items have" : `\`${formatPath(itemPath.slice(0, index))}\` has`;
		const what = typeof step === "number" ? `no element ${step}` : `no "${step}"`;
		const nearest = typeof step === "number" ? null : findNearest(step, readingsOf(schema, root).flatMap(namesOf));
		return [
			{
				code: "condition-excluded",
				path,
				at,
				detail: `${owner} ${what} by the item schema (${file}).`,
				help: nearest === null ? "Correct the path, or add the attribute to the schema." : `Did you mean "${nearest}"?`,
			},
		];
	}
	return null;
}

function checkOperators({ itemPath, operators }: AskedAttribute, { root, file }: ReadItemSchema): PathDiagnostic[] {
	const schema = itemPath.reduce((outer: Schema, step) => stepInto(outer, step, root), root);
	const readings = readingsOf(schema, root);
	return operators.flatMap(({ operator, path }) => {
		const values = valuesOf(operator);
		const isOfElements = operator.op === "contains" && readings.every((reading) => typesOf(reading).has("array"));
		const elements = isOfElements ? readings.flatMap((reading) => readingsOf(elementOf(reading), root)) : null;
		return values.flatMap((value, index): PathDiagnostic[] => {
			const isPossible = readings.some((reading) => takes(reading, operator.op, value, root));
			if (isPossible) return [];
			const place = values.length === 1 ? path : [...path, index];
			const known = [...new Set(readings.flatMap((reading) => listedIn(reading) ?? []))].map(String);
			const shown = "S" in value ? JSON.stringify(value.S) : "N" in value ? value.N : String(value.BOOL);
			const nearest = "S" in value ? findNearest(value.S, known) : null;
			return [
				{
					code: "condition-excluded",
					path: place,
					at: "value",
					detail: `By the item schema \`${formatPath(itemPath)}\` ${operator.op === "contains" ? "contains no" : "is never"} ${shown} (${file}).`,
					help: nearest === null ? describeKnown(known, elements ?? readings) : `Did you mean "${nearest}"?`,
				},
			];
		});
	});
}

function describeKnown(known: readonly string[], readings: readonly Reading[]): string {
	if (known.length > 0) return `Use one of: ${known.join(", ")}.`;
	return `It is ${wordsOf(readings)} there. Text that looks like something else stands in quotes, numbers do not.`;
}

function valuesOf(operator: Operator): Scalar[] {
	if (operator.op === "equals" || operator.op === "not") return operator.values;
	if (operator.op === "between") return [operator.low, operator.high];
	if (operator.op === "exists") return [];
	return [typeof operator.value === "string" ? { S: operator.value } : operator.value];
}

/** Whether a value of a reading can be compared with a constant, so that the operator could hold. */
function takes(reading: Reading, op: Operator["op"], value: Scalar, root: ReadItemSchema["root"]): boolean {
	const types = typesOf(reading);
	if (op === "contains" && types.has("array"))
		return (
			readingsOf(elementOf(reading), root).some((inner) => takes(inner, "equals", value, root)) ||
			("S" in value && types.has("string"))
		);
	if ("BOOL" in value) return types.has("boolean") && isListed(reading, value.BOOL);
	const isExact = op === "equals" || op === "not";
	if ("S" in value)
		return (
			types.has("string") &&
			!reading.some(({ contentEncoding }) => contentEncoding === "base64") &&
			(!isExact || isListed(reading, value.S))
		);
	if (!isExact) return types.has("integer") || types.has("fraction");
	return types.has(Number.isInteger(Number(value.N)) ? "integer" : "fraction") && isListed(reading, Number(value.N));
}

function isListed(reading: Reading, value: unknown): boolean {
	return listedIn(reading)?.includes(value) ?? true;
}

/** The only values that a reading takes; undefined if there are others. */
function listedIn(reading: Reading): unknown[] | undefined {
	const lists = reading.flatMap(({ enum: values, const: constant }) => {
		if (constant !== undefined) return [[constant]];
		return Array.isArray(values) ? [values] : [];
	});
	return lists.length === 0 ? undefined : lists.reduce((one, other) => one.filter((value) => other.includes(value)));
}
