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

/** Sees each record once per consumer, as `delivery` or as `skipped`, in the order in which they finished. */
export interface Observer {
	delivery(delivery: Delivery): void;
	/**
	 * A consumer does not want a record: what becomes of most of them, so nothing is made of it here. `reason` says why; asking it costs
	 * more than the condition did.
	 */
	skipped(consumer: string, eventID: string, reason: () => string): void;
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

/** An error in words for logs, reasons and dead letters; never a stack. */
export function describeError(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
