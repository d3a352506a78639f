import type { Outcome } from "../contract/deliver.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import { type Entry, type Ledger, sequenceOfEntry } from "./ledger.ts";
import { describeError } from "./observer.ts";
import type { DeliveryKey } from "./state.ts";

/**
 * Parts entries from repeats of one that stands before them in the batch: a writer that was interrupted puts a record twice.
 * A repeat brings nothing, and could show an item's old state last.
 */
export function partRepeats(entries: readonly Entry[]): { firsts: readonly Entry[]; repeats: Map<Entry, Entry> } {
	const repeats = new Map<Entry, Entry>();
	if (!entries.some(({ arrival }) => arrival.source.repeats)) return { firsts: entries, repeats };
	const seen = new Map<string, Entry>();
	// The first of an item goes by its lane alone, so that no names are made for items with one record.
	const nameOf = ({ lane, arrival: { eventID } }: Entry): string =>
		(seen.get(lane)?.arrival.eventID ?? eventID) === eventID ? lane : `${lane} ${eventID}`;
	const firsts = entries.filter((entry) => {
		// What is malformed has no identity to go by.
		if (entry.arrival.envelope === null) return true;
		const name = nameOf(entry);
		const first = seen.get(name);
		if (first) repeats.set(entry, first);
		else seen.set(name, entry);
		return first === undefined;
	});
	return { firsts, repeats };
}

/** What becomes of repeats: what became of the first. */
export function settleRepeats(ledger: Ledger, repeats: ReadonlyMap<Entry, Entry>): void {
	for (const [repeat, first] of repeats)
		if (!ledger.unfinished.has(first.arrival)) {
			ledger.finish(repeat);
			ledger.report(repeat, "deduplicated", { reason: "It stands in the batch twice." });
		} else ledger.report(repeat, "held", { reason: "It stands in the batch before, and is not done." });
}

/**
 * Sets aside what the consumer has had, if it asked for that. After a record whose delivery is not known all later ones of its item go out: it may
 * have been delivered without being remembered, and a receiver that gets it again must not be left with it. While the memory does not answer nothing is delivered.
 */
export async function withoutDelivered(
	ledger: Ledger,
	entries: readonly Entry[],
	{ deps }: Invocation<Dependencies>,
): Promise<readonly Entry[]> {
	if (ledger.consumer.deduplicationHours === 0 || entries.length === 0) return entries;
	const keys = new Map(entries.map((entry) => [entry, deliveryKey(ledger, entry)]));
	try {
		const delivered = await deps.state.delivered([...keys.values()]);
		const unknown = new Map<string, string>();
		return entries.filter((entry) => {
			const first = unknown.get(entry.lane);
			if (!delivered.has(keys.get(entry) as DeliveryKey)) {
				if (first === undefined) unknown.set(entry.lane, sequenceOfEntry(entry));
				return true;
			}
			if (first !== undefined && sequenceOfEntry(entry) > first) return true;
			ledger.finish(entry);
			ledger.report(entry, "deduplicated", { reason: "It was delivered before." });
			return false;
		});
	} catch (error) {
		const reason = `The state table does not answer: ${describeError(error)}`;
		deps.observer.trouble(reason);
		for (const entry of entries) ledger.report(entry, "held", { reason });
		return [];
	}
}

/**
 * Remembers what was just delivered, if the consumer asked for that. When that fails the records stay delivered: to deliver them
 * again is the very thing that was to be prevented. Nothing of their items is remembered from then on, so that what is known of an item has no gap.
 */
export async function rememberDelivered(
	ledger: Ledger,
	entries: readonly Entry[],
	outcomes: readonly Outcome[],
	{ deps }: Invocation<Dependencies>,
): Promise<void> {
	const { deduplicationHours } = ledger.consumer;
	if (deduplicationHours === 0) return;
	const delivered = entries.filter(
		({ lane }, index) => outcomes[index]?.status === "delivered" && !ledger.unremembered.has(lane),
	);
	try {
		const keys = delivered.map((entry) => deliveryKey(ledger, entry));
		await deps.state.rememberDelivered(keys, deduplicationHours * 3600);
	} catch (error) {
		for (const { lane } of delivered) ledger.unremembered.add(lane);
		deps.observer.trouble(`Deliveries could not be remembered: ${describeError(error)}`);
	}
}

function deliveryKey({ consumer }: Ledger, { keyHash, arrival }: Entry): DeliveryKey {
	return { consumer: consumer.name, keyHash, eventID: arrival.eventID };
}
