import type { BatchResponse } from "../../contract/lambda.ts";

/** What a source says about one member of `Records`, before anybody looks into the record itself. */
export interface Identity {
	/** What a batch response calls it; null when the source gave none. */
	identifier: string | null;
	/** The source's own name for it, for a record without DynamoDB's eventID. */
	eventID: string | null;
	/** Epoch seconds at which the source took it; 0 when unknown. */
	arrived: number;
}

/** The record inside a member: its JSON, with its text on one line if it came as text, or the bytes that are none. */
export type Content = { json: unknown; text?: () => string } | { bytes: Buffer; problem: string };

/** What the sources differ in: how a record is found in a member, what it is called, and how the answer names what is not done. */
export interface Source {
	/** Whether a record may stand in a batch twice: a table's stream holds each once, but who puts into Kinesis may be interrupted and put again. */
	repeats: boolean;
	identify(member: Record<string, unknown>): Identity;
	decode(member: Record<string, unknown>): Content;
	/** `members` are all of the batch, in its order. */
	respond: Respond;
}

export type Respond = <Member extends Pick<Identity, "identifier">>(
	members: readonly Member[],
	finished: (member: Member) => boolean,
) => BatchResponse;

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOrNull(value: unknown): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}

/**
 * A record's creation time in microseconds, 0 when it has none. DynamoDB Streams gives whole seconds, its Kinesis destination
 * milliseconds or microseconds (API reference, ApproximateCreationDateTimePrecision); 1e11 seconds are the year 5138.
 */
export function microsecondsOf(created: unknown): number {
	if (typeof created !== "number" || !Number.isFinite(created) || created <= 0) return 0;
	if (created >= 1e14) return Math.floor(created);
	return created >= 1e11 ? Math.floor(created * 1e3) : Math.floor(created) * 1e6;
}

export function secondsOrZero(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
