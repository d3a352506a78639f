import type { Respond } from "./source.ts";

/**
 * Names the lowest unfinished record by its place in the batch: it and all after it come back (Lambda developer guide, "Partial batch response").
 * One without a sequence number cannot be named, so the whole batch comes back: an empty identifier.
 */
export const lowestByPosition: Respond = (members, finished) => {
	const lowest = members.find((member) => !finished(member));
	return { batchItemFailures: lowest ? [{ itemIdentifier: lowest.identifier ?? "" }] : [] };
};

/** Names each unfinished record: nothing comes back by itself. */
export const eachUnfinished: Respond = (members, finished) => {
	const unfinished = members.filter((member) => !finished(member));
	return { batchItemFailures: unfinished.map(({ identifier }) => ({ itemIdentifier: identifier ?? "" })) };
};
