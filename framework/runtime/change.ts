import type { Change, NumberStyle } from "../contract/change.ts";
import type { ItemEvent } from "../contract/condition.ts";
import type { StreamRecord } from "../contract/dynamodb.ts";
import type { TableKeys } from "../contract/manifest.ts";
import { jsonTextOf } from "./json-text.ts";
import { beginText } from "./json-writer.ts";
import { hashKeys } from "./key-hash.ts";
import { microsecondsOf } from "./sources/source.ts";
import { writeItem, writeMembers } from "./values.ts";

/** Where a change comes from, for its envelope. */
export interface Origin {
	environment: string;
	pipeline: string;
	region: string;
	/** The order of the key values in the envelope's subject. */
	keys: TableKeys;
	/** Marks the envelope of what is replayed. */
	replayId?: string;
}

// Sequence numbers have 21 to 40 digits (DynamoDB Streams API reference, StreamRecord).
const SEQUENCE_DIGITS = 40;

/** What happened to the item: TTL's deletes are told by who made them (developer guide, "DynamoDB Streams and Time to Live"). */
export function classify(record: StreamRecord): ItemEvent {
	if (record.eventName === "INSERT" || record.eventName === "MODIFY") return record.eventName;
	const { type, principalId } = record.userIdentity ?? {};
	return type === "Service" && principalId === "dynamodb.amazonaws.com" ? "EXPIRE" : "REMOVE";
}

/** Makes a record ready for consumers. Never throws on a record's content. `hashed` spares hashing the keys again. */
export function makeChange(record: StreamRecord, origin: Origin, hashed?: Pick<Change, "keyHash">): Change {
	return new RecordChange(record, origin, hashed);
}

class RecordChange implements Change {
	readonly eventID: string;
	readonly event: ItemEvent;
	readonly time: number;
	readonly record: StreamRecord;
	readonly #origin: Origin;
	readonly #hashed: Pick<Change, "keyHash"> | undefined;
	readonly #items: Partial<Record<NumberStyle, string>> = {};
	readonly #envelopes: Partial<Record<NumberStyle, string>> = {};
	#raw: string | undefined;
	#keyHash: string | undefined;
	#sequence: string | undefined;

	constructor(record: StreamRecord, origin: Origin, hashed: Pick<Change, "keyHash"> | undefined) {
		const time = Math.floor(microsecondsOf(record.dynamodb?.ApproximateCreationDateTime) / 1e6);
		this.eventID = record.eventID;
		this.event = classify(record);
		this.time = time < MOST_SECONDS ? time : 0;
		this.record = record;
		this.#origin = origin;
		this.#hashed = hashed;
	}

	get keyHash(): string {
		this.#keyHash ??= this.#hashed?.keyHash ?? hashKeys(this.record.dynamodb?.Keys);
		return this.#keyHash;
	}

	get sequence(): string {
		if (this.#sequence === undefined) {
			const { SequenceNumber, ApproximateCreationDateTime } = this.record.dynamodb ?? {};
			// What DynamoDB's own Kinesis destination writes has no number, but a finer time.
			this.#sequence = sequenceOf(this.record, String(SequenceNumber ?? microsecondsOf(ApproximateCreationDateTime)));
		}
		return this.#sequence;
	}

	itemJson(numbers: NumberStyle): string {
		this.#items[numbers] ??= writeFlat(this, numbers);
		return this.#items[numbers];
	}

	eventJson(numbers: NumberStyle): string {
		this.#envelopes[numbers] ??= writeEnvelope(this, this.#origin, numbers);
		return this.#envelopes[numbers];
	}

	recordJson(): string {
		this.#raw ??= jsonTextOf(this.record);
		return this.#raw;
	}
}

/** The end of JavaScript's time, in seconds: an ISO text exists for no later one. */
const MOST_SECONDS = 8.64e12;

/** `Change.sequence` of a record; of a malformed one as well as may be. */
export function sequenceOf(record: unknown, sequenceNumber: string): string {
	const arn = (record as Partial<StreamRecord> | null | undefined)?.eventSourceARN;
	const label = typeof arn === "string" ? (arn.split("/stream/")[1] ?? "") : "";
	return `${label}/${sequenceNumber.padStart(SEQUENCE_DIGITS, "0")}`;
}

function writeFlat({ record, event, time }: Change, numbers: NumberStyle): string {
	const out = beginText();
	out.raw("{");
	if (writeMembers(out, record.dynamodb?.NewImage ?? record.dynamodb?.Keys ?? {}, numbers)) out.raw(",");
	// Piece by piece: joined first, they would be put together twice.
	out.raw('"_event":"');
	out.raw(event);
	out.raw('","_time":"');
	out.raw(isoSeconds(time));
	out.raw('","_id":');
	out.string(record.eventID);
	out.raw("}");
	return out.end();
}

function writeEnvelope(change: Change, origin: Origin, numbers: NumberStyle): string {
	const { Keys, NewImage, OldImage } = change.record.dynamodb ?? {};
	const { sequence, keyHash } = change;
	const subject = subjectOf(change.record, origin.keys);
	const out = beginText();
	out.raw('{"specversion":"1.0","id":');
	out.string(change.eventID);
	out.raw(',"source":');
	out.string(`/${origin.environment}/${origin.region}/${origin.pipeline}`);
	out.raw(`,"type":"tributary.item.${change.event.toLowerCase()}.v1","subject":`);
	out.string(subject);
	out.raw(',"time":"');
	out.raw(isoSeconds(change.time));
	out.raw('","datacontenttype":"application/json","sequence":');
	out.string(sequence);
	out.raw(',"keyhash":"');
	out.raw(keyHash);
	if (origin.replayId !== undefined) out.raw(`","replayid":"${origin.replayId}`);
	out.raw('","data":{"keys":');
	writeItem(out, Keys, numbers);
	out.raw(',"new":');
	writeItem(out, NewImage, numbers);
	out.raw(',"old":');
	writeItem(out, OldImage, numbers);
	out.raw("}}");
	return out.end();
}

/** Key values, partition first. A value that is none of S, N and B leaves its place empty. */
function subjectOf(record: StreamRecord, { partition, sort }: TableKeys): string {
	const names = sort === null ? [partition.name] : [partition.name, sort.name];
	return names
		.map((name) => {
			const keys = record.dynamodb?.Keys;
			const value = keys && Object.hasOwn(keys, name) ? keys[name] : undefined;
			const text = Object.values(value ?? {})[0];
			// A lone surrogate cannot be percent-encoded and would throw.
			return typeof text === "string" ? encodeURIComponent(text.toWellFormed()) : "";
		})
		.join("/");
}

let lastIso = { time: 0, text: "1970-01-01T00:00:00Z" };

/** Records of a batch share their second, and making its text costs more than finding it. */
function isoSeconds(time: number): string {
	if (time !== lastIso.time) lastIso = { time, text: new Date(time * 1000).toISOString().replace(".000Z", "Z") };
	return lastIso.text;
}
