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

/** Sees each record once per consumer, in the order in which they finished. */
export interface Observer {
	delivery(delivery: Delivery): void;
	/** Something beside a record went wrong: a store that does not answer. */
	trouble(message: string): void;
	/** Called before every answer. */
	flush(): void;
}

/** An error in words for logs, reasons and dead letters; never a stack. */
export function describeError(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
