import type { ItemEvent } from "./condition.ts";
import type { StreamRecord } from "./dynamodb.ts";

/** How numbers are written as JSON: as literals with every digit, or as strings for receivers that parse to floats. */
export type NumberStyle = "literal" | "string";

/**
 * A record on its way to a consumer. Texts are made on first use and kept, so that
 * ten consumers that want the same JSON pay for it once.
 */
export interface Change {
	readonly eventID: string;
	readonly event: ItemEvent;
	/** Epoch seconds, whole: ApproximateCreationDateTime. 0 when the record has none. */
	readonly time: number;
	/** `<stream label>/<SequenceNumber padded to 40 digits>`: compares as text in the order of the item's changes. */
	readonly sequence: string;
	/** Lower-case hex SHA-256 of the canonical JSON of Keys: partition key, lane and dead-letter key. */
	readonly keyHash: string;
	readonly record: StreamRecord;
	/**
	 * One flat JSON object: the attributes of the new image (of the keys alone when there is none), then
	 * `_event`, `_time` (ISO 8601) and `_id` (the eventID). No line break in it.
	 */
	itemJson(numbers: NumberStyle): string;
	/** A CloudEvents 1.0 JSON object with `data: {keys, new, old}`. No line break in it. */
	eventJson(numbers: NumberStyle): string;
	/** The record as DynamoDB wrote it, JSON-equal. No line break in it. */
	recordJson(): string;
}
