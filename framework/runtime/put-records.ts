import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { type Arrival, safeEventID } from "./arrival.ts";
import { beforeAbort } from "./before-abort.ts";
import { checkIn } from "./claim-check.ts";
import type { Invocation } from "./invocation.ts";
import { describeError, OwnError } from "./observer.ts";
import type { PutCall, PutQueue } from "./put-queue.ts";

/** A batch of 10,000 records is 20 calls; Lambda's 6 MB bound what they hold together. */
const CALLS_AT_ONCE = 20;

/** After this long a call is given up and its records are put again, in milliseconds. */
const CALL_MILLISECONDS = 10_000;

/** Refusals of a whole call that pass by themselves (Kinesis API reference, "PutRecords" errors and "Common Errors"). */
const PASSING = /Throttl|ProvisionedThroughputExceeded|LimitExceeded|RequestExpired|Timeout/;

/** What came of putting. */
export interface PutSummary {
	calls: number;
	refused: number;
	unconfirmed: number;
	claimChecks: number;
	/** Calls stopped before time did: the refusal lasts. */
	stopped: boolean;
	/** Of what the last call failed that failed whole, or the last claim check. */
	trouble: string | null;
}

/**
 * Puts until nothing is left, nothing can be started, or Kinesis refuses in a way that does not pass. Calls of different items go side
 * by side. What is too large is stored first, and a record behind one that could not be stored does not go. Never rejects.
 *
 * @param accepted called for each record that Kinesis has
 */
export async function putAll(
	stream: string,
	queue: PutQueue,
	invocation: Invocation,
	accepted: (arrival: Arrival, now: number) => void,
): Promise<PutSummary> {
	const { deps, timeToStart } = invocation;
	const summary: PutSummary = {
		calls: 0,
		refused: 0,
		unconfirmed: 0,
		claimChecks: 0,
		stopped: false,
		trouble: null,
	};
	const running = new Set<Promise<void>>();
	const alarm = createAlarm(deps);
	for (;;) {
		while (!summary.stopped && running.size < CALLS_AT_ONCE && timeToStart() > 0) {
			const next = queue.next(deps.now());
			if (next === null) break;
			const work =
				"tooLarge" in next
					? store(next.tooLarge, queue, invocation, summary)
					: putCall(next, stream, queue, invocation, summary, accepted);
			const run = work.finally(() => running.delete(run));
			running.add(run);
		}
		const earliest = queue.earliest();
		const inTime = earliest !== null && Math.max(0, earliest - deps.now()) < timeToStart();
		const waits = inTime && !summary.stopped && running.size < CALLS_AT_ONCE ? [alarm(earliest)] : [];
		if (running.size + waits.length === 0) return summary;
		await Promise.race([...running, ...waits]);
	}
}

/** One timer at a time: a new one for each call that ends would leave a heap of them. */
function createAlarm({ now, sleep }: Invocation["deps"]): (at: number) => Promise<void> {
	let set: { at: number; rings: Promise<void> } | null = null;
	return (at) => {
		if (set && set.at <= at) return set.rings;
		const rings = sleep(Math.max(1, at - now())).finally(() => {
			if (set === own) set = null;
		});
		const own = { at, rings };
		set = own;
		return rings;
	};
}

async function putCall(
	call: PutCall,
	stream: string,
	queue: PutQueue,
	invocation: Invocation,
	summary: PutSummary,
	accepted: (arrival: Arrival, now: number) => void,
): Promise<void> {
	const { deps } = invocation;
	summary.calls += 1;
	try {
		// The answer has an entry per record, in the request's order; a failed one has an error code.
		const answers = await send(call, stream, invocation);
		const now = deps.now();
		call.arrivals.forEach((arrival, index) => {
			if (answers[index]?.ErrorCode === undefined) {
				queue.accepted(arrival, now);
				accepted(arrival, now);
			} else {
				summary.refused += 1;
				queue.refused(arrival, now);
			}
		});
	} catch (error) {
		const fate = fateOf(error);
		if (fate === "unconfirmed") summary.unconfirmed += 1;
		else summary.refused += call.arrivals.length;
		if (fate === "lasting") summary.stopped = true;
		summary.trouble = describeError(error);
		deps.observer.trouble(`PutRecords of ${call.arrivals.length} records failed: ${summary.trouble}`);
		const now = deps.now();
		for (const arrival of call.arrivals) queue[fate === "unconfirmed" ? "unconfirmed" : "refused"](arrival, now);
	}
}

/** Stores what is too large to travel; its stub is put then. If it cannot be stored its item stops here: nothing behind it is ever offered. */
async function store(arrival: Arrival, queue: PutQueue, invocation: Invocation, summary: PutSummary): Promise<void> {
	const { manifest, deps, signal } = invocation;
	try {
		queue.stored(arrival, await checkIn(arrival, manifest, deps.client, signal));
		summary.claimChecks += 1;
	} catch (error) {
		const eventID = safeEventID(arrival.eventID);
		summary.trouble = `Claim check of ${eventID} cannot be stored: ${describeError(error)}`;
		deps.observer.trouble(summary.trouble);
	}
}

async function send({ entries }: PutCall, stream: string, { deps, signal }: Invocation) {
	const command = new PutRecordsCommand({ StreamName: stream, Records: entries });
	const ends = AbortSignal.any([signal, deps.timeout(CALL_MILLISECONDS)]);
	// The SDK would repeat a call unseen that may yet land, and what follows would go before it does.
	const client = deps.client(KinesisClient, { maxAttempts: 1 });
	const work = client.send(command, { abortSignal: ends });
	const { Records = [] } = await beforeAbort(work, ends, "Kinesis did not answer in time.");
	if (Records.length !== entries.length)
		throw new OwnError(`Kinesis answered ${Records.length} entries for ${entries.length} records.`);
	return Records;
}

/**
 * What a failed call says of its records. Whatever has an HTTP status is over on the other side; without one the call may yet land.
 * A refusal by the service that does not pass (no such stream, no permission) is not worth the function's time: Lambda comes again.
 */
function fateOf(error: unknown): "passing" | "lasting" | "unconfirmed" {
	const { name = "", $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
	if (PASSING.test(name) && name !== "TimeoutError") return "passing";
	const status = $metadata?.httpStatusCode;
	if (status === undefined) return "unconfirmed";
	return status >= 400 && status < 500 ? "lasting" : "passing";
}
