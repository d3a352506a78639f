import type { ItemEvent } from "../../contract/condition.ts";
import type { Ledger } from "./ledger.ts";

/** One delivery as it was read back, in the order in which it arrived. */
export interface Arrival {
	item: string;
	event: ItemEvent;
	version: number | null;
}

/** Problems shown at most per place: the first few tell the story. */
const MOST_SHOWN = 5;

const describe = ({ event, version }: { event: ItemEvent; version: number | null }): string =>
	version === null ? event : `${event} v${version}`;

/**
 * Compares, per item, what arrived at one place with what the ledger says: the same changes, in the same order, each once.
 * Answers sentences about what differs; none when all is well.
 */
export function compareWithLedger(place: string, ledger: Ledger, arrivals: readonly Arrival[]): string[] {
	const arrived = new Map<string, string[]>();
	for (const arrival of arrivals) {
		const seen = arrived.get(arrival.item);
		if (seen) seen.push(describe(arrival));
		else arrived.set(arrival.item, [describe(arrival)]);
	}
	const problems: string[] = [];
	for (const [item, entries] of ledger.items()) {
		const expected = entries.map(describe);
		const actual = arrived.get(item) ?? [];
		arrived.delete(item);
		if (expected.join() !== actual.join())
			problems.push(
				`${place}: item ${item} ${difference(expected, actual)}: written ${list(expected)}, arrived ${list(actual)}`,
			);
	}
	for (const [item, actual] of arrived)
		problems.push(`${place}: item ${item} was never written, arrived ${list(actual)}`);
	return shorten(place, problems);
}

const list = (changes: readonly string[]): string => (changes.length === 0 ? "nothing" : changes.join(", "));

function difference(expected: readonly string[], actual: readonly string[]): string {
	const sorted = (changes: readonly string[]) => [...changes].sort().join();
	if (sorted(expected) === sorted(actual)) return "is out of order";
	if (actual.length < expected.length) return "misses a change";
	if (actual.length > expected.length) return "has a change twice";
	return "differs";
}

function shorten(place: string, problems: string[]): string[] {
	const more = problems.length - MOST_SHOWN;
	return more > 0 ? [...problems.slice(0, MOST_SHOWN), `${place}: and ${more} more`] : problems;
}
