import type { Outcome } from "../contract/deliver.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import type { Arrival } from "./arrival.ts";
import { liftBaseless } from "./baseless.ts";
import { callDeliverer, faultOf } from "./call-deliverer.ts";
import { partRepeats, rememberDelivered, settleRepeats, withoutDelivered } from "./deduplication.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import { runLanes, type Verdict } from "./lanes.ts";
import { type Entry, type Ledger, openLedger, sequenceOfEntry } from "./ledger.ts";
import { giveUp, parkBehind, retryLater } from "./parking.ts";
import type { KeyState } from "./state.ts";
import { hasUsedUp, probeOf } from "./trouble.ts";

/** What a consumer is owed of a batch. */
export interface Owed {
	consumer: ManifestConsumer;
	entries: readonly Entry[];
	/** Records that travelled as claim checks and turned out not to be for it. */
	dismissed: readonly Arrival[];
}

/** Takes the records that one consumer is owed as far as they go in this invocation. */
export async function runConsumer(
	{ consumer, entries, dismissed }: Owed,
	states: ReadonlyMap<string, KeyState>,
	invocation: Invocation<Dependencies>,
): Promise<Ledger> {
	const { deps, timeToStart } = invocation;
	const ledger = openLedger(consumer, entries, states, deps);
	const left = withoutDone(ledger, entries);
	await liftBaseless(ledger, left, dismissed, invocation);
	const { firsts, repeats } = partRepeats(withoutWaiting(ledger, left, deps.now()));
	const open = await withoutDelivered(ledger, firsts, invocation);
	const { maxRecords, deliver } = callDeliverer(consumer, invocation);
	const rules = {
		concurrency: consumer.concurrency,
		mayStart: () => timeToStart() > 0,
		opens: (first: Entry) => (ledger.isQuarantined(first) ? ("park" as const) : ("on" as const)),
		park: (entry: Entry) => parkBehind(ledger, entry, invocation),
		hold: (entry: Entry, why: "stopped" | "time") =>
			ledger.report(entry, "held", {
				reason: why === "time" ? "No time was left." : BEHIND,
			}),
	};
	const attempt = (some: readonly Entry[]): Promise<void> =>
		runLanes(some, {
			...rules,
			maxRecords,
			async deliver(job) {
				const outcomes = await deliver(job);
				await rememberDelivered(ledger, job, outcomes, invocation);
				return outcomes;
			},
			settle: (entry, outcome) => settle(ledger, entry, outcome, invocation),
		});
	/** Gives up what was not even tried: nobody else shall wait for a consumer that has used its budget up. */
	const forgo = (some: readonly Entry[]): Promise<void> =>
		runLanes(some, {
			...rules,
			maxRecords: 1,
			deliver: async (job) => job.map((entry) => (entry.change ? STILL_FAILING : faultOf(entry))),
			settle: (entry, outcome) => settle(ledger, entry, outcome, invocation, 0),
		});
	// One record tells whether a consumer is back that has used its budget up.
	const probe = hasUsedUp(ledger, deps.now()) ? probeOf(ledger, open) : undefined;
	if (probe) await attempt([probe]);
	await (ledger.shown.failingSince !== null ? forgo : attempt)(withoutStopped(ledger, open, probe));
	settleRepeats(ledger, repeats);
	return ledger;
}

const BEHIND = "An earlier record of its item is not done.";

const STILL_FAILING: Outcome = { status: "retry", reason: "The consumer is still failing, as another record showed." };

/** What is left behind the probe. */
function withoutStopped(ledger: Ledger, entries: readonly Entry[], probe: Entry | undefined): readonly Entry[] {
	if (!probe) return entries;
	return entries.filter((entry) => {
		if (entry === probe) return false;
		if (!ledger.failures.has(entry.keyHash)) return true;
		ledger.report(entry, "held", { reason: BEHIND });
		return false;
	});
}

/** What was not done in an earlier attempt at the batch. */
function withoutDone(ledger: Ledger, entries: readonly Entry[]): Entry[] {
	return entries.filter((entry) => {
		const { deliveredThrough, quarantine } = ledger.before(entry);
		if ((deliveredThrough ?? quarantine) === undefined || entry.arrival.sequenceNumber === "") return true;
		const sequence = sequenceOfEntry(entry);
		const isDelivered = deliveredThrough !== undefined && sequence <= deliveredThrough;
		// A lane reaches the record that it gives up only behind all before it.
		const isBeforeParked = quarantine !== undefined && sequence < quarantine.sequence;
		if (!isDelivered && !isBeforeParked) return true;
		ledger.finish(entry);
		ledger.report(entry, "deduplicated", { reason: "It was done in an earlier attempt at the batch." });
		return false;
	});
}

/** What no receiver asked to wait with. */
function withoutWaiting(ledger: Ledger, entries: readonly Entry[], now: number): Entry[] {
	const waiting = new Set<string>();
	for (const entry of entries) {
		const { failure } = ledger.before(entry);
		if (failure?.eventID !== entry.arrival.eventID || failure.notBefore <= now) continue;
		// Nobody waits for longer than the budget: such a time is of a clock that ran ahead.
		if (failure.notBefore <= now + ledger.consumer.budgetSeconds * 1000) waiting.add(entry.lane);
	}
	return entries.filter((entry) => {
		if (!waiting.has(entry.lane)) return true;
		ledger.report(entry, "held", { reason: "The receiver asked to wait." });
		return false;
	});
}

/** Makes an outcome final; a record that fails for longer than the budget is given up. */
function settle(
	ledger: Ledger,
	entry: Entry,
	outcome: Outcome,
	invocation: Invocation<Dependencies>,
	attempts = 1,
): Verdict | Promise<Verdict> {
	if (outcome.status === "delivered") {
		ledger.shown.taking = true;
		ledger.finish(entry);
		ledger.report(entry, "delivered", { payload: outcome.payload ?? null });
		return "on";
	}
	const failure = ledger.failureOf(entry, attempts);
	const { notBefore: _, ...tries } = failure;
	const given = (reason: string, refused: boolean) => ({ ...tries, sequence: sequenceOfEntry(entry), reason, refused });
	if (outcome.status === "reject") return giveUp(ledger, entry, given(outcome.reason, true), invocation);
	const { budgetSeconds } = ledger.consumer;
	const now = invocation.deps.now();
	// What cannot be read this time is no failure of the consumer.
	if (entry.change) ledger.shown.failingSince ??= now;
	const end = failure.firstFailedAt + budgetSeconds * 1000;
	if (now >= end || hasUsedUp(ledger, now)) {
		const whose = now >= end ? "It" : "Records of its consumer";
		const reason = `${whose} could not be delivered within ${budgetSeconds} s: ${outcome.reason}`;
		return giveUp(ledger, entry, given(reason, false), invocation);
	}
	// A receiver may ask for patience, but not for more than the budget gives.
	const notBefore = outcome.retryAfterMs ? Math.min(end, now + outcome.retryAfterMs) : 0;
	return retryLater(ledger, entry, { ...failure, notBefore }, outcome.reason);
}
