import { createHmac } from "node:crypto";
import type { AttributeValue, Item, StreamRecord } from "../contract/dynamodb.ts";
import type { ClassifiedField } from "../contract/item-schema.ts";

/** Puts stand-ins where a record has values, so that it can leave the lake. */
export type Redactor = (record: StreamRecord) => StreamRecord;

export interface Redaction {
	/** Top-level attributes that stay where all others get stand-ins; null = only classified fields do. */
	keep: ReadonlySet<string> | null;
	/** Fields that get stand-ins in any case. */
	classified: readonly ClassifiedField[];
}

/**
 * Replaces texts, numbers and binary by stand-ins of the same type. Equal values get equal stand-ins, so that items keep their
 * identity and changes their sense; without the salt nobody can guess a value and compare. Names and booleans stay, but for those in a
 * classified field: of a map of such a class, a name may be as telling as a value.
 */
export function createRedactor(salt: Uint8Array, { keep, classified }: Redaction): Redactor {
	const standIn = createStandIns(salt);
	const marks = buildMarks(classified);
	const item = (image: Item): Item =>
		Object.fromEntries(
			Object.entries(image).map(([name, value]) => [
				name,
				redact(value, below([marks], name), keep !== null && !keep.has(name)),
			]),
		);
	const redact = (value: AttributeValue, at: readonly Mark[], whole: boolean): AttributeValue => {
		if (at.some(({ marked }) => marked)) return standIn(value, "names too");
		if ("L" in value) return { L: value.L.map((each) => redact(each, below(at, null), whole)) };
		if ("M" in value)
			return {
				M: Object.fromEntries(
					Object.entries(value.M).map(([name, member]) => [name, redact(member, below(at, name), whole)]),
				),
			};
		const isMarkedSet =
			("SS" in value || "NS" in value || "BS" in value) && below(at, null).some(({ marked }) => marked);
		return whole || isMarkedSet ? standIn(value, "values") : value;
	};
	return (record) => {
		const { Keys, NewImage, OldImage } = record.dynamodb;
		return {
			...record,
			dynamodb: {
				...record.dynamodb,
				Keys: item(Keys),
				...(NewImage && { NewImage: item(NewImage) }),
				...(OldImage && { OldImage: item(OldImage) }),
			},
		};
	};
}

/** A place in items, and whether all that is there is of a class. */
interface Mark {
	marked: boolean;
	named: Map<string, Mark>;
	/** Any element or member. */
	any: Mark | null;
}

const createMark = (): Mark => ({ marked: false, named: new Map(), any: null });

function buildMarks(classified: readonly ClassifiedField[]): Mark {
	const root = createMark();
	for (const { path } of classified) {
		let mark = root;
		for (const step of path) {
			const next = (step === null ? mark.any : mark.named.get(step)) ?? createMark();
			if (step === null) mark.any = next;
			else mark.named.set(step, next);
			mark = next;
		}
		mark.marked = true;
	}
	return root;
}

/** What holds of an element (null), or of a member. A root that is marked is so for each attribute. */
function below(marks: readonly Mark[], step: string | null): Mark[] {
	return marks.flatMap((mark) => {
		const named = step === null ? undefined : mark.named.get(step);
		return [named, mark.any, mark.marked ? mark : null].filter((next) => next !== null && next !== undefined);
	});
}

function createStandIns(salt: Uint8Array) {
	const digest = (kind: string, value: string): Buffer =>
		createHmac("sha256", salt).update(`${kind} ${value}`).digest();
	const text = (value: string): string =>
		value === "" ? "" : `redacted-${digest("S", value).toString("hex").slice(0, 12)}`;
	// As long as twelve digits however short the value is: the few there are of few digits would make one item of several.
	const number = (value: string): string =>
		`${value.startsWith("-") ? "-" : ""}${digest("N", value).readUIntBE(0, 6) % 1e12}`;
	const binary = (value: string): string => digest("B", value).subarray(0, 9).toString("base64");
	const distinct = (values: readonly string[]): string[] => [...new Set(values)];
	const standIn = (value: AttributeValue, what: "values" | "names too"): AttributeValue => {
		const hidesNames = what === "names too";
		if ("S" in value) return { S: text(value.S) };
		if ("N" in value) return { N: number(value.N) };
		if ("B" in value) return { B: binary(value.B) };
		if ("SS" in value) return { SS: distinct(value.SS.map(text)) };
		if ("NS" in value) return { NS: distinct(value.NS.map(number)) };
		if ("BS" in value) return { BS: distinct(value.BS.map(binary)) };
		if ("L" in value) return { L: value.L.map((each) => standIn(each, what)) };
		if ("M" in value)
			return {
				M: Object.fromEntries(
					Object.entries(value.M).map(([name, member]) => [hidesNames ? text(name) : name, standIn(member, what)]),
				),
			};
		return "BOOL" in value && hidesNames ? { BOOL: false } : value;
	};
	return standIn;
}
