import type { Change } from "../contract/change.ts";
import type { Outcome } from "../contract/deliver.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import type { Arrival } from "./arrival.ts";
import { callDeliverer } from "./call-deliverer.ts";
import { DEAD_LETTER_FORMAT_VERSION } from "./dead-letters.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import { runLanes, type Verdict } from "./lanes.ts";
import { type Delivery, describeError } from "./observer.ts";
import { compilePredicate } from "./predicate.ts";
import { type Failure, type KeyState, type Quarantine, stateName } from "./state.ts";

/** A record on its way to one consumer. */
export interface Entry {
	lane: string;
	arrival: Arrival;
	/** null when nothing can be delivered; `arrival.state` says why. */
	change: Change | null;
}

/** What one consumer's work on a batch came to. */
export interface ConsumerResult {
	consumer: ManifestConsumer;
	/** Delivered, parked, skipped or known to be done. */
	finished: ReadonlySet<Arrival>;
	/** Last record that was delivered or parked, by item: for those that come again. */
	done: ReadonlyMap<string, Entry[]>;
	failures: ReadonlyMap<string, Failure>;
	/** Items in quarantine, before or since. */
	quarantined: ReadonlySet<string>;
}

/** Takes one consumer's records as far as they go in this invocation. */
export async function runConsumer(
	consumer: ManifestConsumer,
	entries: readonly Entry[],
	states: ReadonlyMap<string, KeyState>,
	invocation: Invocation<Dependencies>,
): Promise<ConsumerResult> {
	const { deps, manifest, mayStart } = invocation;
	const finished = new Set<Arrival>();
	const done = new Map<string, Entry[]>();
	const failures = new Map<string, Failure>();
	const quarantines = new Map<string, Quarantine>();
	const stateOf = (lane: string): KeyState => states.get(stateName({ consumer: consumer.name, keyHash: lane })) ?? {};

	const report = (entry: Entry, outcome: Delivery["outcome"], more: Partial<Delivery> = {}): void =>
		deps.observer.delivery({
			consumer: consumer.name,
			eventID: entry.arrival.eventID,
			outcome,
			reason: null,
			payload: null,
			ageMilliseconds: deps.now() - entry.arrival.time * 1000,
			refused: false,
			...more,
		});
	const finish = (entry: Entry): void => {
		finished.add(entry.arrival);
		const before = done.get(entry.lane);
		if (before) before.push(entry);
		else done.set(entry.lane, [entry]);
	};
	const failureOf = (entry: Entry, notBefore = 0): Failure => {
		const before = stateOf(entry.lane).failure;
		const { eventID } = entry.arrival;
		if (before?.eventID !== eventID) return { eventID, firstFailedAt: deps.now(), attempts: 1, notBefore };
		return { ...before, attempts: before.attempts + 1, notBefore };
	};
	const retry = (entry: Entry, failure: Failure, reason: string): Verdict => {
		failures.set(entry.lane, failure);
		report(entry, "retry", { reason });
		return "stop";
	};
	/** Writes the letter; the quarantine stands before it. */
	const park = async (entry: Entry, cause: Omit<Quarantine, "eventID">, refused: boolean): Promise<boolean> => {
		const { eventID, json, data, sequenceNumber } = entry.arrival;
		const letter = {
			formatVersion: DEAD_LETTER_FORMAT_VERSION,
			pipeline: manifest.pipeline,
			consumer: consumer.name,
			eventID,
			reason: cause.reason,
			attempts: cause.attempts,
			firstFailedAt: new Date(cause.firstFailedAt).toISOString(),
			parkedAt: new Date(deps.now()).toISOString(),
			record: json === undefined ? { base64: Buffer.from(data).toString("base64") } : json,
		} as const;
		const sequence = entry.change?.sequence ?? sequenceNumber.padStart(40, "0");
		try {
			await deps.deadLetters.park(letter, { keyHash: entry.lane, sequence });
		} catch (error) {
			retry(entry, failureOf(entry), `It could not be parked: ${describeError(error)}`);
			return false;
		}
		finish(entry);
		report(entry, "reject", { reason: cause.reason, refused });
		return true;
	};
	/**
	 * Gives a record up. The quarantine is written first: after a crash between the two the record comes again, finds its item in
	 * quarantine and is parked without another attempt, and nothing of the item passes it. The other way round, a crash
	 * would leave a letter of a record that is then delivered, and later ones with it: a redrive would show it after them.
	 */
	const giveUp = async (entry: Entry, failure: Failure, reason: string, refused: boolean): Promise<Verdict> => {
		const { eventID, firstFailedAt, attempts } = failure;
		const quarantine = { eventID, reason, firstFailedAt, attempts };
		// A record without keys has its lane to itself: nothing can ever come behind it.
		if (entry.arrival.keyed)
			try {
				await deps.state.quarantine({ consumer: consumer.name, keyHash: entry.lane }, quarantine);
			} catch (error) {
				deps.observer.trouble(`The state table does not answer: ${describeError(error)}`);
				return retry(entry, failure, `It could not be put in quarantine: ${describeError(error)}`);
			}
		quarantines.set(entry.lane, quarantine);
		return (await park(entry, quarantine, refused)) ? "park" : "stop";
	};
	const settle = async (entry: Entry, outcome: Outcome): Promise<Verdict> => {
		if (outcome.status === "delivered") {
			finish(entry);
			report(entry, "delivered", { payload: outcome.payload ?? null });
			return "on";
		}
		const failure = failureOf(entry);
		if (outcome.status === "reject") return giveUp(entry, failure, outcome.reason, true);
		const end = failure.firstFailedAt + consumer.budgetSeconds * 1000;
		if (deps.now() >= end) {
			const reason = `It could not be delivered within ${consumer.budgetSeconds} s: ${outcome.reason}`;
			return giveUp(entry, failure, reason, false);
		}
		// A receiver may ask for patience, but not for more than the budget gives.
		const notBefore = outcome.retryAfterMs ? Math.min(end, deps.now() + outcome.retryAfterMs) : 0;
		return retry(entry, { ...failure, notBefore }, outcome.reason);
	};
	const parkBehind = async (entry: Entry): Promise<boolean> => {
		const quarantine = quarantines.get(entry.lane) ?? stateOf(entry.lane).quarantine;
		if (!quarantine || quarantine.eventID === entry.arrival.eventID)
			return park(entry, quarantine ?? { ...failureOf(entry), reason: "Its item is in quarantine." }, false);
		const reason = `It is behind ${quarantine.eventID}, which was parked: ${quarantine.reason}`;
		return park(entry, { reason, attempts: 0, firstFailedAt: deps.now() }, false);
	};

	const selects = consumer.condition === null ? null : compilePredicate(consumer.condition);
	const pending = entries.filter((entry) => {
		const why = entry.change && selects ? selects.explain(entry.change) : null;
		if (why !== null) {
			finished.add(entry.arrival);
			report(entry, "skipped", { reason: why });
			return false;
		}
		const through = stateOf(entry.lane).deliveredThrough;
		if (through === undefined || !entry.change || entry.arrival.sequenceNumber === "") return true;
		if (entry.change.sequence > through) return true;
		finish(entry);
		report(entry, "deduplicated", { reason: "It was done in an earlier attempt at the batch." });
		return false;
	});
	const waiting = new Set(
		pending.flatMap(({ lane, arrival }) => {
			const { failure } = stateOf(lane);
			return failure?.eventID === arrival.eventID && failure.notBefore > deps.now() ? [lane] : [];
		}),
	);
	for (const entry of pending)
		if (waiting.has(entry.lane)) report(entry, "held", { reason: "The receiver asked to wait." });
	const deliver = callDeliverer(consumer, invocation);
	await runLanes(
		pending.filter(({ lane }) => !waiting.has(lane)),
		{
			...deliver,
			concurrency: consumer.concurrency,
			mayStart,
			opens: (lane) => (stateOf(lane).quarantine ? "park" : "on"),
			settle,
			park: parkBehind,
			hold: (entry, why) =>
				report(entry, "held", {
					reason: why === "time" ? "No time was left." : "An earlier record of its item is not done.",
				}),
		},
	);
	const quarantined = new Set(quarantines.keys());
	for (const { lane } of entries) if (stateOf(lane).quarantine) quarantined.add(lane);
	return { consumer, finished, done, failures, quarantined };
}
