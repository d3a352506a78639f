import { createHmac } from "node:crypto";
import type { AttributeValue, Item, StreamRecord } from "../contract/dynamodb.ts";

/** Puts stand-ins where a record has values, so that it can leave the lake. */
export type Redactor = (record: StreamRecord) => StreamRecord;

/**
 * Replaces texts, numbers and binary by stand-ins of the same type. Equal values get equal stand-ins, so that items keep their
 * identity and changes their sense; without the salt nobody can guess a value and compare. Names, booleans, and the attributes in `keep` stay.
 */
export function createRedactor(salt: Uint8Array, keep: ReadonlySet<string>): Redactor {
	const digest = (kind: string, value: string): Buffer =>
		createHmac("sha256", salt).update(`${kind} ${value}`).digest();
	const text = (value: string): string =>
		value === "" ? "" : `redacted-${digest("S", value).toString("hex").slice(0, 12)}`;
	const number = (value: string): string => {
		const digits = Math.min(9, Math.max(1, value.replace(/\D/g, "").length));
		const stand = digest("N", value).readUIntBE(0, 6) % 10 ** digits;
		return `${value.startsWith("-") ? "-" : ""}${stand}`;
	};
	const binary = (value: string): string => digest("B", value).subarray(0, 9).toString("base64");
	const distinct = (values: readonly string[]): string[] => [...new Set(values)];
	const redact = (value: AttributeValue): AttributeValue => {
		if ("S" in value) return { S: text(value.S) };
		if ("N" in value) return { N: number(value.N) };
		if ("B" in value) return { B: binary(value.B) };
		if ("SS" in value) return { SS: distinct(value.SS.map(text)) };
		if ("NS" in value) return { NS: distinct(value.NS.map(number)) };
		if ("BS" in value) return { BS: distinct(value.BS.map(binary)) };
		if ("L" in value) return { L: value.L.map(redact) };
		if ("M" in value) return { M: mapItem(value.M, (_name, member) => redact(member)) };
		return value;
	};
	const item = (image: Item): Item => mapItem(image, (name, value) => (keep.has(name) ? value : redact(value)));
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

function mapItem(item: Item, change: (name: string, value: AttributeValue) => AttributeValue): Item {
	return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, change(name, value)]));
}
