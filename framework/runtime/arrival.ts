import { createHash } from "node:crypto";
import type { StreamRecord } from "../contract/dynamodb.ts";
import { hashKeys } from "./key-hash.ts";
import { dynamodbSource } from "./sources/dynamodb.ts";
import { kinesisSource } from "./sources/kinesis.ts";
import { isKeys, problemOf } from "./sources/shape.ts";
import { type Content, type Identity, isObject, type Source, secondsOrZero, textOrNull } from "./sources/source.ts";

const SOURCES: readonly Source[] = [dynamodbSource, kinesisSource];

/** A member of a batch, decoded. Nothing in it was believed: a malformed one is here too, with its problem. */
export interface Arrival {
	/** Place in the batch, from 0. */
	position: number;
	/** What a batch response calls it; null: only the whole batch can be named. */
	identifier: string | null;
	eventID: string;
	/** Lane, partition key and dead-letter key. */
	keyHash: string;
	/** False when no keys could be read: `keyHash` then stands for this record alone. */
	keyed: boolean;
	/** Epoch seconds, from the record; else from the source; else 0. */
	time: number;
	/** DynamoDB's; empty when the record has none. */
	sequenceNumber: string;
	/** As decoded: JSON of whatever shape, or undefined for bytes that are no JSON. */
	json: unknown;
	/** The record as it travels on: JSON text without a line break, or the bytes that came. */
	data: string | Buffer;
	/** The record as the lake keeps it: always one line of JSON. */
	line: string;
	/** What can be delivered, or why nothing can. */
	state: ArrivalState;
}

export type ArrivalState =
	| { status: "ready"; record: StreamRecord }
	/** Will never be readable. */
	| { status: "malformed"; reason: string }
	/** Its claim check could not be fetched this time. */
	| { status: "unavailable"; reason: string };

/** Decodes a Lambda event of any source. Throws only if there is no batch in it at all; never because of a record. */
export function decodeEvent(event: unknown): Arrival[] {
	if (!isObject(event) || !Array.isArray(event.Records))
		throw new Error("This is not an event of DynamoDB Streams or Kinesis: it has no list `Records`.");
	return event.Records.map(decodeMember);
}

function decodeMember(member: unknown, position: number): Arrival {
	const source = isObject(member) ? SOURCES.find(({ recognise }) => recognise(member)) : undefined;
	if (!source || !isObject(member))
		return arrivalOf(position, { identifier: null, eventID: null, arrived: 0 }, { json: member }, member);
	return arrivalOf(position, source.identify(member), source.decode(member), member);
}

/** The arrival of a content. `member` is what the lake keeps of a content that is no JSON. */
export function arrivalOf(position: number, identity: Identity, content: Content, member: unknown): Arrival {
	const json = "json" in content ? content.json : undefined;
	const text = "json" in content ? (JSON.stringify(json) ?? "null") : JSON.stringify(member);
	const record = isObject(json) ? json : {};
	const change = isObject(record.dynamodb) ? record.dynamodb : {};
	const keyed = isKeys(change.Keys);
	const eventID = textOrNull(record.eventID) ?? identity.eventID ?? identity.identifier ?? sha256(text);
	return {
		position,
		identifier: identity.identifier,
		eventID,
		keyed,
		keyHash: isKeys(change.Keys) ? hashKeys(change.Keys) : sha256(eventID),
		time: secondsOrZero(change.ApproximateCreationDateTime) || identity.arrived,
		sequenceNumber: sequenceNumberOf(change.SequenceNumber),
		json,
		data: "json" in content ? text : content.bytes,
		line: text,
		state: stateOf(content),
	};
}

function stateOf(content: Content): ArrivalState {
	const problem = "json" in content ? problemOf(content.json) : content.problem;
	if (problem === null && "json" in content) return { status: "ready", record: content.json as StreamRecord };
	return { status: "malformed", reason: `The record is malformed: ${problem}.` };
}

function sequenceNumberOf(value: unknown): string {
	return typeof value === "string" && /^\d{1,40}$/.test(value) ? value : "";
}

export function sha256(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

/** An eventID as part of an object's key: DynamoDB's are short hex; a forged one must not steer the key. */
export function safeEventID(eventID: string): string {
	return /^[\w:-]{1,128}$/.test(eventID) ? eventID : sha256(eventID);
}
