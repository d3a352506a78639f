import type { Arrival } from "./arrival.ts";

/** The records of one item in a batch. */
export interface Line {
	first: Arrival;
	records: number;
}

/** Hex digits of a hash that choose its place: a million of them, for the 10,000 records of the largest batch. */
const DIGITS = 5;

/**
 * What follows what within the items of a batch, as far as the batch was looked at. Most items have one record, so nothing is kept of those
 * but a place in a table. A class, because V8 throws optimised code away with the last closure that it was made for: each batch after a
 * collection would begin with slow code.
 */
export class ItemOrder {
	readonly #arrivals: readonly Arrival[];
	readonly #successors = new Map<Arrival, Arrival>();
	readonly #lines = new Map<string, Line>();
	#longest: Line | null = null;
	/**
	 * The latest record of each item: a hash table with linear probing of places in the batch, counted from 1; 0 is a free place. A Map of the
	 * hashes, growing and then collected, would be most of what order costs. The hashes are spread evenly already: their first digits say where.
	 */
	readonly #ends: Int32Array;

	constructor(arrivals: readonly Arrival[]) {
		this.#arrivals = arrivals;
		// A power of two, at least twice as many as the records.
		this.#ends = new Int32Array(1 << (32 - Math.clz32(2 * arrivals.length)));
	}

	/** Looks at the record of this place, each place in its turn; answers the record of its item before it, if there is one. */
	look(place: number): Arrival | undefined {
		const arrival = this.#arrivals[place] as Arrival;
		const before = this.#extend(arrival.keyHash, place);
		if (before !== undefined) this.#link(before, arrival);
		return before;
	}

	/** What follows a record within its item; undefined when that was not looked at, too. */
	successorOf(arrival: Arrival): Arrival | undefined {
		return this.#successors.size > 0 ? this.#successors.get(arrival) : undefined;
	}

	/** The item with the most records; null while each has one. */
	get longest(): Line | null {
		return this.#longest;
	}

	/** Answers the latest record of an item so far, and makes this one the latest. */
	#extend(keyHash: string, place: number): Arrival | undefined {
		const ends = this.#ends;
		const mask = ends.length - 1;
		for (let at = startOf(keyHash) & mask; ; at = (at + 1) & mask) {
			const end = ends[at] as number;
			const before = end === 0 ? undefined : (this.#arrivals[end - 1] as Arrival);
			if (before === undefined || before.keyHash === keyHash) {
				ends[at] = place + 1;
				return before;
			}
		}
	}

	#link(before: Arrival, arrival: Arrival): void {
		this.#successors.set(before, arrival);
		const line = this.#lines.get(arrival.keyHash) ?? { first: before, records: 1 };
		this.#lines.set(arrival.keyHash, line);
		line.records += 1;
		if (line.records > (this.#longest?.records ?? 1)) this.#longest = line;
	}
}

/** The number that the first digits write: no text is cut out of the hash for it. */
function startOf(keyHash: string): number {
	let start = 0;
	for (let place = 0; place < DIGITS; place++) {
		const code = keyHash.charCodeAt(place);
		// "0" is 48, "a" is 97: the low four bits of a letter begin with 1.
		start = (start << 4) | ((code & 15) + (code > 57 ? 9 : 0));
	}
	return start;
}
