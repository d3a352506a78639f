import type { BatchResponse } from "../contract/lambda.ts";
import type { Arrival } from "./arrival.ts";

/** The answer in the words of the batch's source. */
export function answerFrom(arrivals: readonly Arrival[], finished: (arrival: Arrival) => boolean): BatchResponse {
	return arrivals[0]?.source.respond(arrivals, finished) ?? { batchItemFailures: [] };
}
