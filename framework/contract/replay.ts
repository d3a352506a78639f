import type { BatchResponse } from "./lambda.ts";

export const REPLAY_SOURCE = "tributary.replay";

/**
 * What a function that delivers takes instead of a batch of a stream: records of the lake, once more, for one of its consumers.
 * Records of an item stand in their order; of one replay, they come in it too. Lambda takes 6 MB.
 */
export interface ReplayEvent {
	source: typeof REPLAY_SOURCE;
	/** Names the replay. What one delivered it does not deliver again if the consumer deduplicates; another, or the stream, does. */
	replayId: string;
	consumer: string;
	/** Gives each event an id of this replay, for receivers that ignore ids they know. False: the ids stay. */
	newIds?: boolean;
	/** As the lake keeps them. */
	records: unknown[];
}

/** `delivered`, `reject` (parked), `deduplicated` and `skipped` are done; `retry` and `held` are to be sent again. */
export interface ReplayOutcome {
	eventID: string;
	outcome: string;
	reason: string | null;
}

/** `batchItemFailures` names each unfinished record by its eventID, not only the lowest; `outcomes` has one entry per record, in the order in which they finished. */
export interface ReplayResponse extends BatchResponse {
	outcomes: ReplayOutcome[];
}
