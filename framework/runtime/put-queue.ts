import type { Arrival } from "./arrival.ts";
import { ItemOrder } from "./item-order.ts";
import { keepShape } from "./kept-shapes.ts";

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
 *
 * Most records go at the first attempt and nothing follows them: what there is to know of the others is kept beside them. The batch is
 * looked at as calls are filled, so that the first call does not wait for the look at all that comes later.
 */
export class PutQueue {
	readonly #arrivals: readonly Arrival[];
	readonly #maxRecordBytes: number;
	readonly #random: () => number;
	readonly #order: ItemOrder;
	/** Records looked at so far, in the order of the batch. */
	#seen = 0;
	/** Epoch milliseconds of the first put and of the acceptance, by position; NaN until then. */
	readonly #putAt: Float64Array;
	readonly #acceptedAt: Float64Array;
	/** Of those looked at, what may go at once, in the order of the batch. */
	#ready: Arrival[] = [];
	#waiting: { arrival: Arrival; notBefore: number }[] = [];
	readonly #large: Arrival[] = [];
	readonly #stubs = new Map<Arrival, Buffer>();
	readonly #failures = new Map<Arrival, number>();
	/** Epoch milliseconds before which nothing may follow a record: a call with it may yet land. */
	readonly #settling = new Map<Arrival, number>();
	#settledAt = 0;

	/** `random` answers from 0 up to 1. */
	constructor(arrivals: readonly Arrival[], maxRecordBytes: number, random: () => number) {
		this.#arrivals = arrivals;
		this.#maxRecordBytes = maxRecordBytes;
		this.#random = random;
		this.#order = new ItemOrder(arrivals);
		this.#putAt = new Float64Array(arrivals.length).fill(Number.NaN);
		this.#acceptedAt = new Float64Array(arrivals.length).fill(Number.NaN);
	}

	/**
	 * Takes what is next, in the order of the batch; null when every item is in a call or waits. Bytes are made here, call by call, so that the
	 * calls before are on their way meanwhile.
	 */
	next(now: number): PutCall | TooLarge | null {
		this.#wake(now);
		const call = this.#fill(now);
		if (call.arrivals.length > 0) return call;
		const tooLarge = this.#large.shift();
		return tooLarge ? { tooLarge } : null;
	}

	accepted(arrival: Arrival, now: number): void {
		this.#acceptedAt[arrival.position] = now;
		const successor = this.#order.successorOf(arrival);
		if (successor) this.#follow(successor, arrival);
	}

	/** Kinesis has not taken it. */
	refused(arrival: Arrival, now: number): void {
		this.#putOff(arrival, now, BACKOFF.refused);
	}

	/** Nobody knows whether Kinesis took it, or still will. */
	unconfirmed(arrival: Arrival, now: number): void {
		this.#putOff(arrival, now, BACKOFF.unconfirmed);
		this.#settledAt = now + SETTLING_MILLISECONDS;
		this.#settling.set(arrival, this.#settledAt);
	}

	/** It was too large; a stub travels in its place. */
	stored(arrival: Arrival, stub: string): void {
		this.#stubs.set(arrival, Buffer.from(stub));
		this.#waiting.push({ arrival, notBefore: 0 });
	}

	/** When the first of those not taken may be tried; null when there is none. */
	earliest(): number | null {
		if (this.#ready.length > 0 || this.#seen < this.#arrivals.length || this.#large.length > 0) return 0;
		if (this.#waiting.length === 0) return null;
		return this.#waiting.reduce((least, { notBefore }) => Math.min(least, notBefore), Number.POSITIVE_INFINITY);
	}

	/** When the last of the unconfirmed calls is held to have landed or never will; 0 when there was none. */
	get settledAt(): number {
		return this.#settledAt;
	}

	/** null when no item has more than one record. */
	hotItem(): HotItem | null {
		const line = this.#order.longest;
		if (line === null) return null;
		const { first, records } = line;
		const since = this.#putAt[first.position] as number;
		let until = since;
		for (let each: Arrival | undefined = first; each; each = this.#order.successorOf(each)) {
			const at = this.#acceptedAt[each.position] as number;
			if (at > until) until = at;
		}
		return { keyHash: first.keyHash, records, milliseconds: Number.isNaN(since) ? 0 : until - since };
	}

	#wake(now: number): void {
		const due = this.#waiting.filter(({ notBefore }) => notBefore <= now);
		if (due.length === 0) return;
		this.#waiting = this.#waiting.filter(({ notBefore }) => notBefore > now);
		const woken = due.map(({ arrival }) => arrival);
		this.#ready = [...this.#ready, ...woken].sort((a, b) => a.position - b.position);
	}

	#fill(now: number): PutCall {
		const call: PutCall = { arrivals: [], entries: [] };
		let bytes = 0;
		let taken = 0;
		while (call.arrivals.length < PUT_LIMITS.records) {
			const arrival = taken < this.#ready.length ? this.#ready[taken] : this.#lookOn();
			if (arrival === undefined) break;
			taken += 1;
			const stub = this.#stubs.size > 0 ? this.#stubs.get(arrival) : undefined;
			const entry = { PartitionKey: arrival.keyHash, Data: stub ?? bytesOf(arrival.data) };
			const size = entry.PartitionKey.length + entry.Data.length;
			if (size > this.#maxRecordBytes && !stub) {
				this.#large.push(arrival);
				continue;
			}
			bytes += size;
			if (bytes > PUT_LIMITS.bytes && call.arrivals.length > 0) {
				this.#ready.splice(0, taken, arrival);
				return call;
			}
			if (Number.isNaN(this.#putAt[arrival.position])) this.#putAt[arrival.position] = now;
			call.arrivals.push(arrival);
			call.entries.push(entry);
		}
		this.#ready = this.#ready.slice(taken);
		return call;
	}

	/** The next record that no other of its item is before; what follows one that was accepted meanwhile waits to be woken. */
	#lookOn(): Arrival | undefined {
		while (this.#seen < this.#arrivals.length) {
			const arrival = this.#arrivals[this.#seen] as Arrival;
			const before = this.#order.look(this.#seen);
			this.#seen += 1;
			if (before === undefined) return arrival;
			if (!Number.isNaN(this.#acceptedAt[before.position])) this.#follow(arrival, before);
		}
		return undefined;
	}

	#follow(successor: Arrival, before: Arrival): void {
		this.#waiting.push({ arrival: successor, notBefore: this.#settling.get(before) ?? 0 });
	}

	#putOff(arrival: Arrival, now: number, { first, most }: { first: number; most: number }): void {
		const failed = this.#failures.get(arrival) ?? 0;
		this.#failures.set(arrival, failed + 1);
		const bound = Math.min(most, first * 2 ** failed);
		const notBefore = Math.ceil((now + this.#random() * bound) / BACKOFF.tick) * BACKOFF.tick;
		this.#waiting.push({ arrival, notBefore });
	}
}

const bytesOf = (data: string | Buffer): Buffer => (typeof data === "string" ? Buffer.from(data) : data);

keepShape("put queue", new PutQueue([], 0, Math.random));
