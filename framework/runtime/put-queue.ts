import type { Arrival } from "./arrival.ts";
import { orderItems } from "./item-order.ts";

/** PutRecords takes 500 records and 10 MiB a call, partition keys included (Kinesis API reference, "PutRecords"). */
export const PUT_LIMITS = { records: 500, bytes: 10 * 1024 * 1024 } as const;

/**
 * Waits between attempts at one record, in milliseconds: full jitter below a doubling bound, up to a whole tick, so that records
 * which wait at the same time travel in one call again. One that may have landed is put more rarely: each time may be a repeat.
 */
const BACKOFF = { refused: { first: 50, most: 2000 }, unconfirmed: { first: 500, most: 10_000 }, tick: 25 };

/** How long a call that got no answer may still be on its way after it was given up, in milliseconds: an assumption, docs/adr/0010. */
export const SETTLING_MILLISECONDS = 5000;

/** What one call puts: records of different items, and each as PutRecords takes it. */
export interface PutCall {
	arrivals: Arrival[];
	entries: { PartitionKey: string; Data: Buffer }[];
}

/** A record that is too large to be put. */
export interface TooLarge {
	tooLarge: Arrival;
}

/** The item with the most records in the batch. */
export interface HotItem {
	keyHash: string;
	records: number;
	/** From its first put to its last acceptance so far. */
	milliseconds: number;
}

/**
 * What is still to be put. PutRecords keeps no order within a call, so a call holds at most one record of an item, and the next one
 * is offered only after that one was accepted. What was taken is offered again only when it is said what became of it.
 */
export interface PutQueue {
	/**
	 * Takes what is next, in the order of the batch; null when every item is in a call or waits. Bytes are made here, call by call, so that the
	 * calls before are on their way meanwhile.
	 */
	next(now: number): PutCall | TooLarge | null;
	accepted(arrival: Arrival, now: number): void;
	/** Kinesis has not taken it. */
	refused(arrival: Arrival, now: number): void;
	/** Nobody knows whether Kinesis took it, or still will. */
	unconfirmed(arrival: Arrival, now: number): void;
	/** It was too large; a stub travels in its place. */
	stored(arrival: Arrival, stub: string): void;
	/** When the first of those not taken may be tried; null when there is none. */
	earliest(): number | null;
	/** When the last of the unconfirmed calls is held to have landed or never will; 0 when there was none. */
	settledAt(): number;
	/** null when no item has more than one record. */
	hotItem(): HotItem | null;
}

/** Most records go at the first attempt and nothing follows them: what there is to know of the others is kept beside them. */
export function createPutQueue(arrivals: readonly Arrival[], maxRecordBytes: number, random: () => number): PutQueue {
	const { heads, successors, hottest } = orderItems(arrivals);
	const hot = hottest && { ...hottest, since: null as number | null, until: 0 };
	/** Those that may go at once, in the order of the batch; taken up to `taken`. */
	let ready = heads;
	let taken = 0;
	let waiting: { arrival: Arrival; notBefore: number }[] = [];
	const large: Arrival[] = [];
	const stubs = new Map<Arrival, Buffer>();
	const failures = new Map<Arrival, number>();
	/** Epoch milliseconds before which nothing may follow a record: a call with it may yet land. */
	const settling = new Map<Arrival, number>();
	let settledAt = 0;
	const wake = (now: number): void => {
		const due = waiting.filter(({ notBefore }) => notBefore <= now);
		if (due.length === 0) return;
		waiting = waiting.filter(({ notBefore }) => notBefore > now);
		ready = [...ready.slice(taken), ...due.map(({ arrival }) => arrival)].sort((a, b) => a.position - b.position);
		taken = 0;
	};
	const fill = (): PutCall => {
		const call: PutCall = { arrivals: [], entries: [] };
		let bytes = 0;
		while (taken < ready.length && call.arrivals.length < PUT_LIMITS.records) {
			const arrival = ready[taken] as Arrival;
			const stub = stubs.get(arrival);
			const entry = { PartitionKey: arrival.keyHash, Data: stub ?? bytesOf(arrival.data) };
			const size = entry.PartitionKey.length + entry.Data.length;
			if (size > maxRecordBytes && !stub) large.push(arrival);
			else {
				bytes += size;
				if (bytes > PUT_LIMITS.bytes && call.arrivals.length > 0) break;
				call.arrivals.push(arrival);
				call.entries.push(entry);
			}
			taken += 1;
		}
		return call;
	};
	const putOff = (arrival: Arrival, now: number, { first, most }: { first: number; most: number }): void => {
		const failed = failures.get(arrival) ?? 0;
		failures.set(arrival, failed + 1);
		const bound = Math.min(most, first * 2 ** failed);
		waiting.push({ arrival, notBefore: Math.ceil((now + random() * bound) / BACKOFF.tick) * BACKOFF.tick });
	};
	return {
		next(now) {
			wake(now);
			const call = fill();
			if (hot?.since === null && call.arrivals.some(({ keyHash }) => keyHash === hot.keyHash)) hot.since = now;
			if (call.arrivals.length > 0) return call;
			const tooLarge = large.shift();
			return tooLarge ? { tooLarge } : null;
		},
		accepted(arrival, now) {
			if (hot?.keyHash === arrival.keyHash) hot.until = now;
			const successor = successors.get(arrival);
			if (successor) waiting.push({ arrival: successor, notBefore: settling.get(arrival) ?? 0 });
		},
		refused: (arrival, now) => putOff(arrival, now, BACKOFF.refused),
		unconfirmed(arrival, now) {
			putOff(arrival, now, BACKOFF.unconfirmed);
			settledAt = now + SETTLING_MILLISECONDS;
			settling.set(arrival, settledAt);
		},
		stored(arrival, stub) {
			stubs.set(arrival, Buffer.from(stub));
			waiting.push({ arrival, notBefore: 0 });
		},
		earliest() {
			if (taken < ready.length || large.length > 0) return 0;
			if (waiting.length === 0) return null;
			return waiting.reduce((least, { notBefore }) => Math.min(least, notBefore), Number.POSITIVE_INFINITY);
		},
		settledAt: () => settledAt,
		hotItem() {
			if (!hot) return null;
			const { keyHash, records, since, until } = hot;
			return { keyHash, records, milliseconds: Math.max(0, until - (since ?? until)) };
		},
	};
}

const bytesOf = (data: string | Buffer): Buffer => (typeof data === "string" ? Buffer.from(data) : data);
