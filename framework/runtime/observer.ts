import type { WriterMetric } from "../contract/metrics.ts";

export const DELIVERY_OUTCOMES = ["delivered", "retry", "reject", "held", "skipped", "deduplicated"] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** What became of one record at one consumer (or at `lake` or `router`) in one invocation. */
export interface Delivery {
	consumer: string;
	eventID: string;
	outcome: DeliveryOutcome;
	/** Why, for every outcome but `delivered`. */
	reason: string | null;
	/** The text that was sent; for tools, never for logs. */
	payload: string | null;
	/** From the record's own time to this moment. */
	ageMilliseconds: number;
	/** With `reject`: true when the consumer refused it, false when it was parked for its budget or behind another. */
	refused: boolean;
}

/** What the ordered writer did in one invocation. */
export interface WriterReport extends Record<WriterMetric, number> {
	/** `keyHash` of the item with the most records; null when no item had more than one. */
	hotItem: string | null;
}

/** Sees each record once per consumer, as `delivery` or as `skipped`, in the order in which they finished. */
export interface Observer {
	/** Called first in every invocation, with Lambda's request id and whether it replays. */
	begin(requestId: string, replays: boolean): void;
	delivery(delivery: Delivery): void;
	/**
	 * A consumer does not want a record: what becomes of most of them, so nothing is made of it here. `reason` says why; asking it costs
	 * more than the condition did.
	 */
	skipped(consumer: string, eventID: string, reason: () => string): void;
	writer(report: WriterReport): void;
	/** Something beside a record went wrong: a store that does not answer. */
	trouble(message: string): void;
	/** Called before every answer. */
	flush(): void;
}

/** The delivery that a skipped record is to tools, which list every record. */
export function skippedDelivery(consumer: string, eventID: string, reason: () => string): Delivery {
	const nothing = { payload: null, ageMilliseconds: 0, refused: false };
	return { consumer, eventID, outcome: "skipped", reason: reason(), ...nothing };
}

/** An error whose message is in the runtime's own words: no payload, no secret, fit for a log. */
export class OwnError extends Error {}

/**
 * An error in words for logs, reasons and dead letters. Of a stranger's error its name, code and HTTP status alone:
 * its message may quote a payload, a URL with its query or a header.
 */
export function describeError(error: unknown): string {
	if (!(error instanceof Error)) return `a thrown ${typeof error}`;
	if (error instanceof OwnError) return error.message;
	const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: unknown } };
	const details = [code, $metadata?.httpStatusCode].filter(
		(each) => typeof each === "string" || typeof each === "number",
	);
	return details.length === 0 ? error.name : `${error.name} (${details.join(", ")})`;
}
