import type { Change } from "../contract/change.ts";
import type { ManifestConsumer } from "../contract/manifest.ts";
import type { Arrival, ArrivalState } from "./arrival.ts";
import { sequenceOf } from "./change.ts";
import type { BaseDependencies } from "./invocation.ts";
import type { Delivery } from "./observer.ts";
import { type Failure, type KeyState, type Quarantine, stateName } from "./state.ts";
import { troubleSince } from "./trouble.ts";

/** A record on its way to one consumer. */
export interface Entry {
	/** Its item in this batch. */
	readonly lane: string;
	/** Its item in the state table and the dead letters; made on first use. */
	readonly keyHash: string;
	readonly arrival: Arrival;
	readonly state: ArrivalState;
	/** null when nothing can be delivered; `state` says why. */
	readonly change: Change | null;
}

/** An entry's place in its item's order, as `Change.sequence`. */
export function sequenceOfEntry({ change, arrival }: Entry): string {
	return change?.sequence ?? sequenceOf(arrival.json, arrival.sequenceNumber);
}

/** What one consumer's work on a batch comes to. */
export interface Ledger {
	consumer: ManifestConsumer;
	/** How long what is written down of an item is worth keeping. */
	lifetimeSeconds: number;
	/** Owed and neither delivered, parked nor known to be done. */
	unfinished: Set<Arrival>;
	failures: Map<string, Failure>;
	/** What the consumer itself showed in this batch: since when it fails, in epoch milliseconds, and whether it takes something. */
	shown: { failingSince: number | null; taking: boolean };
	/** Since when the consumer as a whole has been failing, in epoch milliseconds; null when that does not matter. */
	troubleSince: number | null;
	/** By item: those that stood before and those of this batch. */
	quarantines: Map<string, Quarantine>;
	isQuarantined(entry: Entry): boolean;
	/** Lanes with a delivery that could not be remembered. */
	unremembered: Set<string>;
	/** What was remembered of an item before the batch. */
	before(of: Pick<Entry, "keyHash">): KeyState;
	finish(entry: Entry): void;
	/** Those delivered or parked, now or before, by item and in its order. */
	done(): Map<string, Entry[]>;
	report(entry: Entry, outcome: Delivery["outcome"], more?: Partial<Delivery>): void;
	/** The failure that an attempt at a record is, with those before it. */
	failureOf(entry: Entry, attempts?: number): Failure;
}

/** A row is worth keeping while its batch may come again; each attempt at it counts anew. Longer than a weekend's pause would only cost. */
const LEAST_LIFETIME_SECONDS = 2 * 24 * 3600;

const NOTHING: KeyState = {};
const NO_MORE: Partial<Delivery> = {};

export function openLedger(
	consumer: ManifestConsumer,
	entries: readonly Entry[],
	states: ReadonlyMap<string, KeyState>,
	{ now, observer }: BaseDependencies,
): Ledger {
	const unfinished = new Set(entries.map(({ arrival }) => arrival));
	const quarantines = new Map<string, Quarantine>();
	const before: Ledger["before"] = (of) =>
		// While nothing is wrong nothing is remembered, and no names are made.
		(states.size > 0 && states.get(stateName({ consumer: consumer.name, keyHash: of.keyHash }))) || NOTHING;
	for (const entry of entries) {
		const { quarantine } = before(entry);
		if (quarantine) quarantines.set(entry.keyHash, quarantine);
	}
	return {
		consumer,
		lifetimeSeconds: Math.max(LEAST_LIFETIME_SECONDS, 2 * consumer.budgetSeconds),
		unfinished,
		failures: new Map(),
		shown: { failingSince: null, taking: false },
		troubleSince: troubleSince(consumer, states, now()),
		quarantines,
		unremembered: new Set(),
		isQuarantined: (entry) => quarantines.size > 0 && quarantines.has(entry.keyHash),
		before,
		finish: ({ arrival }) => unfinished.delete(arrival),
		done() {
			const finished = entries.filter(({ arrival }) => !unfinished.has(arrival));
			return Map.groupBy(finished, ({ keyHash }) => keyHash);
		},
		report: ({ arrival }, outcome, { reason = null, payload = null, refused = false } = NO_MORE) =>
			observer.delivery({
				consumer: consumer.name,
				eventID: arrival.eventID,
				outcome,
				reason,
				payload,
				ageMilliseconds: now() - arrival.time * 1000,
				refused,
			}),
		failureOf(entry, attempts = 1) {
			const { eventID } = entry.arrival;
			const { failure } = before(entry);
			if (failure?.eventID !== eventID) return { eventID, firstFailedAt: now(), attempts, notBefore: 0 };
			// A container whose clock ran ahead must not make the budget longer for all others.
			const firstFailedAt = Math.min(failure.firstFailedAt, now());
			return { ...failure, firstFailedAt, attempts: failure.attempts + attempts, notBefore: 0 };
		},
	};
}
