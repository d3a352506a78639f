import type { BatchResponse } from "../contract/lambda.ts";
import type { Arrival } from "./arrival.ts";

/**
 * Names the lowest unfinished record by its place in the batch: it and all after it come back (Lambda developer guide, "Partial batch response").
 * One without a sequence number cannot be named, so the whole batch comes back: an empty identifier.
 */
export function answerFrom(arrivals: readonly Arrival[], finished: (arrival: Arrival) => boolean): BatchResponse {
	const lowest = arrivals.find((arrival) => !finished(arrival));
	return { batchItemFailures: lowest ? [{ itemIdentifier: lowest.identifier ?? "" }] : [] };
}
