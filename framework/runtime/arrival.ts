import { hash } from "node:crypto";
import type { Images } from "../contract/deliver.ts";
import type { StreamRecord } from "../contract/dynamodb.ts";
import type { ReplayEvent } from "../contract/replay.ts";
import { jsonTextOf } from "./json-text.ts";
import { canonicalJson } from "./key-hash.ts";
import { OwnError } from "./observer.ts";
import { dynamodbSource } from "./sources/dynamodb.ts";
import { kinesisSource } from "./sources/kinesis.ts";
import { readReplay, replaySource } from "./sources/replay.ts";
import { envelopeProblem, imageProblem, isKeys } from "./sources/shape.ts";
import { type Content, type Identity, isObject, microsecondsOf, type Source, textOrNull } from "./sources/source.ts";

/** What can be delivered, or why nothing can. */
export type ArrivalState =
	| { status: "ready"; record: StreamRecord }
	/** Will never be readable. */
	| { status: "malformed"; reason: string }
	/** Its claim check could not be fetched this time. */
	| { status: "unavailable"; reason: string };

const NOTHING: Record<string, unknown> = {};

/**
 * A member of a batch, decoded. Nothing in it was believed: a malformed one is here too, with its problem.
 * Most records of a busy table concern few consumers, so what costs is made on first use: texts, hashes, the look into the images.
 */
export class Arrival {
	/** Place in the batch, from 0. */
	readonly position: number;
	readonly source: Source;
	/** What a batch response calls it; null: only the whole batch can be named. */
	readonly identifier: string | null;
	readonly eventID: string;
	/** Epoch seconds, from the record; else from the source; else 0. */
	readonly time: number;
	/** As decoded: JSON of whatever shape, or undefined for bytes that are no JSON. */
	readonly json: unknown;
	readonly #content: Content;
	readonly #member: unknown;
	/** The record's `dynamodb`. */
	readonly #change: Record<string, unknown>;
	#envelope: StreamRecord | null | undefined;
	#item: string | undefined;
	#keyHash: string | undefined;
	/** Known without a look. */
	readonly #state: ArrivalState | undefined;

	/** `member` is what the lake keeps of a content that is no JSON; `state` is for one that is known without a look. */
	constructor(
		position: number,
		identity: Identity,
		content: Content,
		member: unknown,
		source: Source,
		state?: ArrivalState,
	) {
		const json = "json" in content ? content.json : undefined;
		const record = isObject(json) ? json : NOTHING;
		const change = isObject(record.dynamodb) ? record.dynamodb : NOTHING;
		this.position = position;
		this.source = source;
		this.identifier = identity.identifier;
		this.time = Math.floor(microsecondsOf(change.ApproximateCreationDateTime) / 1e6) || identity.arrived;
		this.json = json;
		this.#content = content;
		this.#member = member;
		this.#change = change;
		this.#state = state;
		this.eventID = textOrNull(record.eventID) ?? identity.eventID ?? identity.identifier ?? sha256(this.line);
	}

	/** DynamoDB's; empty when the record has none. */
	get sequenceNumber(): string {
		return sequenceNumberOf(this.#change.SequenceNumber);
	}

	/** The record as the lake keeps it: always one line of JSON. Made anew each time, because all who ask ask once and it need not be kept. */
	get line(): string {
		return lineOf(this.#content, this.#member);
	}

	/** The record as it travels on: JSON text without a line break, or the bytes that came. */
	get data(): string | Buffer {
		return "json" in this.#content ? this.line : this.#content.bytes;
	}

	/** False when no keys could be read: `keyHash` then stands for this record alone. */
	get keyed(): boolean {
		return this.envelope !== null || isKeys(this.#change.Keys);
	}

	/** Its item, as long as the item's keys: a name for use within a batch, cheaper than a hash of it. */
	get item(): string {
		this.#item ??= this.keyed ? canonicalJson(this.#change.Keys) : sha256(this.eventID);
		return this.#item;
	}

	/** The same of one length: partition key, dead-letter key and name in the state table. */
	get keyHash(): string {
		this.#keyHash ??= this.keyed ? sha256(this.item) : this.item;
		return this.#keyHash;
	}

	/** The record, if all but its images was looked at and found good: enough to ask a condition. */
	get envelope(): StreamRecord | null {
		if (this.#envelope === undefined)
			this.#envelope =
				this.#state !== undefined || envelopeProblem(this.json) !== null ? null : (this.json as StreamRecord);
		return this.#envelope;
	}

	/** Whether it can be delivered to those who are sent these images. Not kept: to look costs as much as they are large, and one look is enough. */
	state(images: Images): ArrivalState {
		if (this.#state) return this.#state;
		const { envelope } = this;
		const problem = this.#problem(envelope, images);
		if (envelope !== null && problem === null) return { status: "ready", record: envelope };
		return { status: "malformed", reason: `The record is malformed: ${problem}.` };
	}

	/** Why its claim check could not be fetched this time; null when nothing of it is missing. */
	get unavailable(): string | null {
		return this.#state?.status === "unavailable" ? this.#state.reason : null;
	}

	#problem(envelope: StreamRecord | null, images: Images): string | null {
		if ("problem" in this.#content) return this.#content.problem;
		return envelope ? imageProblem(envelope, images) : envelopeProblem(this.json);
	}

	/** The same with another state. */
	marked(state: ArrivalState): Arrival {
		const identity = { identifier: this.identifier, eventID: this.eventID, arrived: this.time };
		return new Arrival(this.position, identity, this.#content, this.#member, this.source, state);
	}
}

/** A Lambda event of any source, decoded. */
export interface Batch {
	arrivals: Arrival[];
	/** What it replays; null for a stream's. */
	replay: ReplayEvent | null;
}

/** Throws only if there is no batch in the event at all; never because of a record. */
export function decodeBatch(event: unknown): Batch {
	const replay = readReplay(event);
	if (replay)
		return { arrivals: replay.records.map((member, index) => arrivalOf(member, index, replaySource)), replay };
	if (!isObject(event) || !Array.isArray(event.Records))
		throw new OwnError(
			"This is not an event of DynamoDB Streams or Kinesis, nor a replay: it has no list `Records` or `records`.",
		);
	return { arrivals: event.Records.map((member, index) => arrivalOf(member, index, sourceOf(member))), replay: null };
}

/** The same for those who ask for the records alone. */
export const decodeEvent = (event: unknown): Arrival[] => decodeBatch(event).arrivals;

/** Whose a member is. What says nothing of itself is named as DynamoDB's are: not at all, if it has no sequence number. */
function sourceOf(member: unknown): Source {
	const kinesis = isObject(member) && (member.eventSource === "aws:kinesis" || isObject(member.kinesis));
	return kinesis ? kinesisSource : dynamodbSource;
}

function arrivalOf(member: unknown, position: number, source: Source): Arrival {
	if (isObject(member)) return new Arrival(position, source.identify(member), source.decode(member), member, source);
	return new Arrival(position, { identifier: null, eventID: null, arrived: 0 }, { json: member }, member, source);
}

function lineOf(content: Content, member: unknown): string {
	if ("json" in content) return content.text?.() ?? jsonTextOf(content.json);
	return jsonTextOf(member);
}

function sequenceNumberOf(value: unknown): string {
	return typeof value === "string" && /^\d{1,40}$/.test(value) ? value : "";
}

export function sha256(text: string): string {
	return hash("sha256", text, "hex");
}

/** An eventID as part of an object's key: DynamoDB's are short hex; a forged one must not steer the key. */
export function safeEventID(eventID: string): string {
	return /^[\w:-]{1,128}$/.test(eventID) ? eventID : sha256(eventID);
}
