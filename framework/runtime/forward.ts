import { answerFrom } from "./answer.ts";
import type { Arrival } from "./arrival.ts";
import type { Invocation, Process } from "./invocation.ts";
import { PutQueue, SETTLING_MILLISECONDS } from "./put-queue.ts";
import { putAll } from "./put-records.ts";

/**
 * The largest record that a consumer can be handed: Lambda's 6 MB take 4.4 MiB in base64 (Lambda developer guide, quotas), less
 * the room for what stands around it. A stream may allow more.
 */
const MOST_RECORD_BYTES = 4 * 1024 * 1024;

type Forward = NonNullable<Invocation["manifest"]["forward"]>;

/** Forwards every record, whatever its shape, to the fan-out's stream, in the order of each item. Never parks. */
export const forwardBatch: Process = async (invocation) => {
	const { manifest, arrivals, deps } = invocation;
	// A direct router whose consumers are all switched off owes nobody anything.
	if (manifest.forward === null) return answerFrom(arrivals, () => manifest.consumers.length === 0);
	const done = arrivals.map(() => false);
	const reason = await forward(manifest.forward, invocation, (arrival, now) => {
		done[arrival.position] = true;
		reportForwarded(arrival, null, now, invocation);
	});
	for (const arrival of arrivals) if (!done[arrival.position]) reportForwarded(arrival, reason, deps.now(), invocation);
	return answerFrom(arrivals, ({ position }) => done[position] === true);
};

/** Puts what can be put; answers why the rest was not. */
async function forward(
	{ stream, maxRecordBytes }: Forward,
	invocation: Invocation,
	accepted: (arrival: Arrival, now: number) => void,
): Promise<string> {
	const { arrivals, deps, timeToAnswer } = invocation;
	const queue = new PutQueue(arrivals, Math.min(maxRecordBytes, MOST_RECORD_BYTES), deps.random);
	const { trouble, stopped: _, ...counts } = await putAll(stream, queue, withTimeToSettle(invocation), accepted);
	const hot = queue.hotItem();
	deps.observer.writer({
		...counts,
		hotItemRecords: hot?.records ?? 0,
		hotItemTime: hot?.milliseconds ?? 0,
		hotItem: hot?.keyHash ?? null,
	});
	// The next invocation does not know of calls that may yet land: it must not put what follows too soon.
	const settling = Math.min(queue.settledAt - deps.now(), timeToAnswer());
	if (settling > 0) await deps.sleep(settling);
	return trouble ?? "No time was left.";
}

/**
 * The invocation with an earlier end for calls, so that one which got no answer then can be waited for before the answer. Earlier than its
 * own wherever there is time to start a call at all.
 */
function withTimeToSettle(invocation: Invocation): Invocation {
	const { deps, timeToStart, timeToAnswer } = invocation;
	const kept = Math.min(SETTLING_MILLISECONDS, timeToAnswer() / 2);
	return {
		...invocation,
		signal: deps.timeout(Math.floor(timeToAnswer() - kept)),
		timeToStart: () => Math.min(timeToStart(), timeToAnswer() - kept),
	};
}

/** Tells what became of a record on its way into the fan-out's stream; `failure` is null when it is there. */
export function reportForwarded(
	{ eventID, time }: Arrival,
	failure: string | null,
	now: number,
	{ deps }: Pick<Invocation, "deps">,
): void {
	deps.observer.delivery({
		consumer: "router",
		eventID,
		outcome: failure === null ? "delivered" : "retry",
		reason: failure,
		payload: null,
		ageMilliseconds: now - time * 1000,
		refused: false,
	});
}
