import { answerFrom } from "./answer.ts";
import { type Arrival, safeEventID } from "./arrival.ts";
import { eachAtOnce } from "./at-once.ts";
import { checkIn } from "./claim-check.ts";
import type { Invocation, Process } from "./invocation.ts";
import { describeError } from "./observer.ts";
import { createPutQueue, type Put } from "./put-queue.ts";
import { putAll } from "./put-records.ts";

/** Claim checks stored at once. */
const STORES_AT_ONCE = 4;

/**
 * The largest record that a consumer can be handed: Lambda's 6 MB take 4.4 MiB in base64 (Lambda developer guide, quotas), less
 * the room for what stands around it. A stream may allow more.
 */
const MOST_RECORD_BYTES = 4 * 1024 * 1024;

type Forward = NonNullable<Invocation["manifest"]["forward"]>;

/** Forwards every record, whatever its shape, to the fan-out's stream, in the order of each item. Never parks. */
export const forwardBatch: Process = async (invocation) => {
	const { manifest, arrivals } = invocation;
	// A direct router whose consumers are all switched off owes nobody anything.
	if (manifest.forward === null) return answerFrom(arrivals, () => manifest.consumers.length === 0);
	const done = new Set<Arrival>();
	const reason = await forward(manifest.forward, invocation, (arrival) => {
		done.add(arrival);
		report(arrival, null, invocation);
	});
	for (const arrival of arrivals) if (!done.has(arrival)) report(arrival, reason, invocation);
	return answerFrom(arrivals, (arrival) => done.has(arrival));
};

/** Puts what can be put; answers why the rest was not. */
async function forward(
	{ stream, maxRecordBytes }: Forward,
	invocation: Invocation,
	accepted: (arrival: Arrival) => void,
): Promise<string> {
	const { deps, timeToAnswer } = invocation;
	const { puts, claimChecks } = await preparePuts(Math.min(maxRecordBytes, MOST_RECORD_BYTES), invocation);
	const queue = createPutQueue(puts, deps.random);
	const { trouble, stopped: _, ...counts } = await putAll(stream, queue, invocation, accepted);
	const hot = queue.hotItem();
	deps.observer.writer({
		...counts,
		claimChecks,
		hotItemRecords: hot?.records ?? 0,
		hotItemTime: hot?.milliseconds ?? 0,
		hotItem: hot?.keyHash ?? null,
	});
	// The next invocation does not know of calls that may yet land: it must not put what follows too soon.
	const settling = Math.min(queue.settledAt() - deps.now(), timeToAnswer());
	if (settling > 0) await deps.sleep(settling);
	return trouble ?? "No time was left.";
}

function report({ eventID, time }: Arrival, failure: string | null, { deps }: Invocation): void {
	deps.observer.delivery({
		consumer: "router",
		eventID,
		outcome: failure === null ? "delivered" : "retry",
		reason: failure,
		payload: null,
		ageMilliseconds: deps.now() - time * 1000,
		refused: false,
	});
}

/** Each record as it will be put. What is too large is stored first, and a record behind one that could not be stored does not go. */
async function preparePuts(most: number, { manifest, arrivals, deps, signal }: Invocation) {
	const puts = arrivals.map((arrival) => putOf(arrival, arrival.data));
	const large = puts.filter(({ size }) => size > most);
	const stopped = new Map<string, number>();
	await eachAtOnce(large, STORES_AT_ONCE, async ({ arrival }) => {
		try {
			puts[arrival.position] = putOf(arrival, await checkIn(arrival, manifest, deps.client, signal));
		} catch (error) {
			deps.observer.trouble(`Claim check of ${safeEventID(arrival.eventID)} cannot be stored: ${describeError(error)}`);
			const before = stopped.get(arrival.keyHash) ?? Number.POSITIVE_INFINITY;
			stopped.set(arrival.keyHash, Math.min(before, arrival.position));
		}
	});
	const free = ({ arrival: { position, keyHash } }: Put): boolean =>
		position < (stopped.get(keyHash) ?? Number.POSITIVE_INFINITY);
	return { puts: stopped.size === 0 ? puts : puts.filter(free), claimChecks: large.length };
}

function putOf(arrival: Arrival, content: string | Buffer): Put {
	const data = typeof content === "string" ? Buffer.from(content) : content;
	return { arrival, data, size: data.length + arrival.keyHash.length };
}
