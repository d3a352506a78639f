import type { Clock } from "../clock.ts";
import type { Invocation } from "../functions/invocation.ts";
import type { SourceEvent } from "../source.ts";
import { firstFailure } from "./answer.ts";
import { describeFailure, type FailedBatch } from "./failure-dump.ts";
import type { MappingOptions } from "./types.ts";

/** Milliseconds before the first retry; each further one doubles it. Lambda's own pace is not published. */
const FIRST_BACKOFF = 100;
const LONGEST_BACKOFF = 10_000;

/** Records that are tried together, and how often they were. */
interface Part {
	events: readonly SourceEvent[];
	/** Failures so far that count against MaximumRetryAttempts. */
	failures: number;
	invokeCount: number;
	/** Times in a row that the function could not be invoked. */
	refusals: number;
	last: Invocation | null;
}

export interface BatchContext {
	options: MappingOptions;
	shardId: string;
	/** Aborts when the mapping drains: a batch that fails from then on stays where it is. */
	draining: AbortSignal;
	/** Takes records that are done: answered for, or dumped. In order. */
	done(events: readonly SourceEvent[]): void;
}

/**
 * Carries one batch to its end with Lambda's rules: partial answers, bisecting, retries in place, age, the dump.
 * False if it was given up because the mapping drains; what was not `done` comes back at the next start.
 */
export async function deliverBatch(context: BatchContext, events: readonly SourceEvent[]): Promise<boolean> {
	let parts: Part[] = [{ events, failures: 0, invokeCount: 0, refusals: 0, last: null }];
	for (let part = parts[0]; part; part = parts[0]) {
		const expired = countExpired(context, part.events);
		const rest = parts.slice(1);
		if (expired > 0) {
			const old = { ...part, events: part.events.slice(0, expired) };
			if (!(await giveUp(context, old, "RecordAgeExceeded"))) return false;
			const young = part.events.slice(expired);
			parts = young.length > 0 ? [{ ...part, events: young }, ...rest] : rest;
			continue;
		}
		const left = await attempt(context, part);
		parts = [...left, ...rest];
		const [next] = left;
		if (!next) continue;
		const { maximumRetryAttempts: most } = context.options.settings;
		if (most >= 0 && next.failures > most) {
			if (!(await giveUp(context, next, "RetryAttemptsExhausted"))) return false;
			parts = rest;
		} else if (!(await pause(context, next.failures + next.refusals))) return false;
	}
	return true;
}

/** Invokes the function once. What is left of the part afterwards: nothing, its tail, its halves or all of it. */
async function attempt(context: BatchContext, part: Part): Promise<Part[]> {
	const { options, shardId } = context;
	const start = options.clock.now();
	const answer = await options.invoke(part.events.map((event) => event.json));
	// What happens before the invocation costs no retry, only time (Lambda developer guide, "Error handling").
	if (answer.status === "throttled") return [{ ...part, refusals: part.refusals + 1 }];
	const failed = answer.status === "failed";
	const sequenceNumbers = part.events.map((event) => event.sequenceNumber);
	const first = failed ? 0 : firstFailure(answer.response, sequenceNumbers);
	const acknowledged = first ?? part.events.length;
	context.done(part.events.slice(0, acknowledged));
	options.onBatch?.({
		shardId,
		records: part.events.length,
		acknowledged,
		error: failed ? answer.error : null,
		milliseconds: options.clock.now() - start,
	});
	if (first === null) return [];
	// What remains after progress is a batch of its own, with all its retries before it.
	if (first > 0) return [{ events: part.events.slice(first), failures: 0, invokeCount: 0, refusals: 0, last: answer }];
	const invokeCount = part.invokeCount + 1;
	if (failed && options.settings.bisectBatchOnFunctionError && part.events.length > 1) {
		// Splitting does not use up a retry.
		const middle = Math.ceil(part.events.length / 2);
		return [part.events.slice(0, middle), part.events.slice(middle)].map((half) => ({
			...part,
			events: half,
			invokeCount,
			refusals: 0,
			last: answer,
		}));
	}
	return [{ ...part, failures: part.failures + 1, invokeCount, refusals: 0, last: answer }];
}

/** How many records at the head are older than MaximumRecordAge. */
function countExpired({ options }: BatchContext, events: readonly SourceEvent[]): number {
	const { maximumRecordAgeInSeconds: age } = options.settings;
	if (age < 0) return 0;
	const oldest = options.clock.now() - age * 1000;
	const kept = events.findIndex((event) => event.arrivedAt >= oldest);
	return kept === -1 ? events.length : kept;
}

/** Dumps the records and counts them as done. Stricter than Lambda, which drops them when the destination refuses: tries again. */
async function giveUp(context: BatchContext, part: Part, condition: FailedBatch["condition"]): Promise<boolean> {
	const { options, shardId } = context;
	const { key, body } = describeFailure({
		mappingId: options.id,
		sourceType: options.sourceType,
		streamArn: options.streamArn,
		functionArn: options.functionArn,
		shardId,
		events: part.events,
		condition,
		requestId: part.last?.requestId ?? "",
		invokeCount: part.invokeCount,
		functionError: part.last?.status === "failed",
		now: options.clock.now(),
	});
	for (let failures = 1; ; failures++) {
		try {
			await options.putFailure(key, body);
			context.done(part.events);
			return true;
		} catch {
			if (!(await pause(context, failures))) return false;
		}
	}
}

/** Waits before another try; false when the mapping drains. */
async function pause({ options, draining }: BatchContext, failures: number): Promise<boolean> {
	const milliseconds = Math.min(FIRST_BACKOFF * 2 ** Math.max(0, failures - 1), LONGEST_BACKOFF);
	await sleep(options.clock, milliseconds, draining);
	return !draining.aborted;
}

function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const end = (): void => {
			cancel();
			signal.removeEventListener("abort", end);
			resolve();
		};
		const cancel = clock.after(milliseconds, end);
		signal.addEventListener("abort", end);
	});
}
