import type { Arrival } from "./arrival.ts";

/** A batch by item. */
export interface ItemOrder {
	/** The first record of each item, in the order of the batch. */
	heads: Arrival[];
	/** What follows a record within its item. */
	successors: Map<Arrival, Arrival>;
	/** The item with the most records; null when each has one. */
	hottest: { keyHash: string; records: number } | null;
}

/** Hex digits of a hash that choose its place: room for more than the 10,000 records of the largest batch. */
const DIGITS = 7;

/** Links the records of each item. Most items of a batch have one, so nothing is kept of those but a place in a table. */
export function orderItems(arrivals: readonly Arrival[]): ItemOrder {
	const heads: Arrival[] = [];
	const successors = new Map<Arrival, Arrival>();
	const several = new Map<string, number>();
	let hottest: ItemOrder["hottest"] = null;
	const extend = createEnds(arrivals);
	for (const [place, arrival] of arrivals.entries()) {
		const before = extend(arrival, place);
		if (before === undefined) heads.push(arrival);
		else {
			const { keyHash } = arrival;
			const records = (several.get(keyHash) ?? 1) + 1;
			several.set(keyHash, records);
			successors.set(before, arrival);
			if (records > (hottest?.records ?? 1)) hottest = { keyHash, records };
		}
	}
	return { heads, successors, hottest };
}

/**
 * Answers the latest record of an item so far, and makes this one the latest. A hash table with linear probing of places in the batch: a Map of
 * the hashes, growing and then collected, would be most of what order costs. The hashes are spread evenly already, so that their first digits
 * say where to look.
 */
function createEnds(arrivals: readonly Arrival[]) {
	const size = 2 ** Math.ceil(Math.log2(2 * arrivals.length + 1));
	/** Counted from 1: 0 is a free place. */
	const ends = new Int32Array(size);
	return ({ keyHash }: Arrival, place: number): Arrival | undefined => {
		let at = startOf(keyHash) % size;
		for (;;) {
			const end = ends[at] as number;
			const before = end === 0 ? undefined : (arrivals[end - 1] as Arrival);
			if (before === undefined || before.keyHash === keyHash) {
				ends[at] = place + 1;
				return before;
			}
			at = (at + 1) % size;
		}
	};
}

/** What the first digits make: no text is cut out of the hash for it. */
function startOf(keyHash: string): number {
	let start = 0;
	for (let digit = 0; digit < DIGITS; digit++) start = Math.imul(start, 31) + keyHash.charCodeAt(digit);
	return start >>> 0;
}
