import type { Arrival } from "./arrival.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import type { Entry, Ledger } from "./ledger.ts";
import { describeError } from "./observer.ts";
import type { KeyState } from "./state.ts";

/**
 * Lifts the quarantines that stand for nothing. Nobody parks a record without noting it first, so the lifting and a note exclude each other.
 *
 * - The record that was given up has passed, and none was noted. Its stream hands later ones over only behind it, so it was done since:
 *   the row was written after its call had been given up and the record had gone through.
 * - Its claim check could not be read, and now that it can it is for somebody else. It may have been noted: if its letter
 *   is there all the same, or still comes, a redrive finds that nobody wants it.
 */
export async function liftBaseless(
	ledger: Ledger,
	entries: readonly Entry[],
	dismissed: readonly Arrival[],
	{ deps, replay }: Invocation<Dependencies>,
): Promise<void> {
	// What a replay sends says nothing of the stream's order.
	if (ledger.quarantines.size + dismissed.length === 0 || replay !== null) return;
	const { consumer, lifetimeSeconds } = ledger;
	for (const keyHash of baselessOf(ledger, entries, dismissed)) {
		try {
			const key = { consumer: consumer.name, keyHash };
			if (await deps.state.lift(key, ledger.before(key), lifetimeSeconds)) ledger.quarantines.delete(keyHash);
		} catch (error) {
			// It stays in quarantine for now.
			deps.observer.trouble(`The state table does not answer: ${describeError(error)}`);
		}
	}
}

function baselessOf(ledger: Ledger, entries: readonly Entry[], dismissed: readonly Arrival[]): Set<string> {
	const quarantineOf = (of: { keyHash: string }): Partial<NonNullable<KeyState["quarantine"]>> =>
		ledger.before(of).quarantine ?? {};
	const owed = new Set(entries.map(({ arrival }) => arrival.eventID));
	const unwanted = dismissed.filter((arrival) => {
		const { eventID, sequence } = quarantineOf(arrival);
		return eventID === arrival.eventID && (ledger.before(arrival).parkedThrough ?? sequence) === sequence;
	});
	const passed = entries.filter((entry) => {
		const { eventID } = quarantineOf(entry);
		return eventID !== undefined && !owed.has(eventID) && ledger.before(entry).parkedThrough === undefined;
	});
	return new Set([...unwanted, ...passed].map(({ keyHash }) => keyHash));
}
