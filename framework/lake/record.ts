import { sha256 } from "../runtime/arrival.ts";
import { isObject, microsecondsOf, textOrNull } from "../runtime/sources/source.ts";
import { LakeError } from "./lake-error.ts";

/** A line of the lake: a record as DynamoDB wrote it, or whatever else came. */
export interface LakeRecord {
	/** Without its end. */
	line: string;
	json: unknown;
	/** The record's identity: objects may overlap, and readers keep one row for each. */
	eventID: string;
	/** The stream's label; empty when the record has none. */
	label: string;
	/** SequenceNumber padded to 40 digits; zeros when the record has none. */
	sequence: string;
	/** Epoch seconds; 0 when the record has none. */
	time: number;
	key: string;
	/** From 1. */
	lineNumber: number;
}

const DIGITS = 40;

/** Throws LakeError for what is no JSON. */
export function parseRecord(line: string, key: string, lineNumber: number): LakeRecord {
	let json: unknown;
	try {
		json = JSON.parse(line);
	} catch {
		throw new LakeError("object-broken", `${key}: line ${lineNumber} is no JSON.`, { key, line: lineNumber });
	}
	const record = isObject(json) ? json : {};
	const change = isObject(record.dynamodb) ? record.dynamodb : {};
	const number = change.SequenceNumber;
	return {
		line,
		json,
		eventID: textOrNull(record.eventID) ?? sha256(line),
		label: (textOrNull(record.eventSourceARN) ?? "").split("/stream/")[1] ?? "",
		sequence: (typeof number === "string" && /^\d{1,40}$/.test(number) ? number : "").padStart(DIGITS, "0"),
		time: Math.floor(microsecondsOf(change.ApproximateCreationDateTime) / 1e6),
		key,
		lineNumber,
	};
}

/** Order of the stream: its label, then the sequence number. Texts, since both are made to compare as such. */
export function compareRecords(
	one: Pick<LakeRecord, "label" | "sequence">,
	other: Pick<LakeRecord, "label" | "sequence">,
): number {
	if (one.label !== other.label) return one.label < other.label ? -1 : 1;
	if (one.sequence !== other.sequence) return one.sequence < other.sequence ? -1 : 1;
	return 0;
}
