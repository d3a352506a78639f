import type { Arrival } from "./arrival.ts";

/** PutRecords takes 500 records and 10 MiB a call, partition keys included (Kinesis API reference, "PutRecords"). */
export const PUT_LIMITS = { records: 500, bytes: 10 * 1024 * 1024 } as const;

/**
 * Waits between attempts at one record, in milliseconds: full jitter below a doubling bound, up to a whole tick, so that records
 * which wait at the same time travel in one call again. One that may have landed is put more rarely: each time may be a repeat.
 */
const BACKOFF = { refused: { first: 50, most: 2000 }, unconfirmed: { first: 500, most: 10_000 }, tick: 25 };

/** How long a call that got no answer may still be on its way after it was given up, in milliseconds: an assumption, docs/adr/0010. */
export const SETTLING_MILLISECONDS = 5000;

export interface Put {
	arrival: Arrival;
	data: Buffer;
	/** Bytes that count against the limits: data and partition key. */
	size: number;
}

interface Lane {
	/** Records of one item not yet accepted, first first. */
	waiting: Put[];
	/** Its first record is in a call. */
	busy: boolean;
	failures: number;
	/** Epoch milliseconds before which its first record is not tried again. */
	notBefore: number;
	/** Epoch milliseconds before which no record may follow the first: a call with it may yet land. */
	settledAt: number;
}

/** The item with the most records in the batch. */
export interface HotItem {
	keyHash: string;
	records: number;
	/** From its first put to its last acceptance so far. */
	milliseconds: number;
}

/**
 * What is still to be put, by item. PutRecords keeps no order within a call, so a call holds at most one record of an item,
 * and the next one is offered only after that one was accepted.
 */
export interface PutQueue {
	/** Records of the next call, in the order of the batch; empty when every item is in a call or waits. */
	next(now: number): Put[];
	accepted(put: Put, now: number): void;
	/** Kinesis has not taken it. */
	refused(put: Put, now: number): void;
	/** Nobody knows whether Kinesis took it, or still will. */
	unconfirmed(put: Put, now: number): void;
	/** When the first of the waiting items may be tried; null when none waits. */
	earliest(): number | null;
	/** When the last of the unconfirmed calls is held to have landed or never will; 0 when there was none. */
	settledAt(): number;
	/** null when no item has more than one record. */
	hotItem(): HotItem | null;
}

export function createPutQueue(puts: readonly Put[], random: () => number): PutQueue {
	const lanes = new Map<string, Lane>();
	for (const put of puts) {
		const lane = lanes.get(put.arrival.keyHash);
		if (lane) lane.waiting.push(put);
		else lanes.set(put.arrival.keyHash, { waiting: [put], busy: false, failures: 0, notBefore: 0, settledAt: 0 });
	}
	const hot = hottest(lanes);
	let settledAt = 0;
	const laneOf = (put: Put): Lane => {
		const lane = lanes.get(put.arrival.keyHash);
		if (!lane) throw new Error(`Record ${put.arrival.eventID} is not in the queue.`);
		return lane;
	};
	const putOff = (put: Put, now: number, { first, most }: { first: number; most: number }): void => {
		const lane = laneOf(put);
		const bound = Math.min(most, first * 2 ** lane.failures);
		lane.busy = false;
		lane.failures += 1;
		lane.notBefore = Math.ceil((now + random() * bound) / BACKOFF.tick) * BACKOFF.tick;
	};
	return {
		next(now) {
			const call = fillCall(headsOf(lanes, now));
			for (const put of call) laneOf(put).busy = true;
			if (hot && hot.since === null && call.some(({ arrival }) => arrival.keyHash === hot.keyHash)) hot.since = now;
			return call;
		},
		accepted(put, now) {
			const lane = laneOf(put);
			const key = put.arrival.keyHash;
			lane.waiting.shift();
			lane.busy = false;
			lane.failures = 0;
			lane.notBefore = lane.settledAt;
			if (lane.waiting.length === 0) lanes.delete(key);
			if (hot?.keyHash === key) hot.until = now;
		},
		refused: (put, now) => putOff(put, now, BACKOFF.refused),
		unconfirmed(put, now) {
			putOff(put, now, BACKOFF.unconfirmed);
			settledAt = now + SETTLING_MILLISECONDS;
			laneOf(put).settledAt = settledAt;
		},
		earliest() {
			let earliest = Number.POSITIVE_INFINITY;
			for (const { busy, notBefore } of lanes.values()) if (!busy) earliest = Math.min(earliest, notBefore);
			return earliest === Number.POSITIVE_INFINITY ? null : earliest;
		},
		settledAt: () => settledAt,
		hotItem() {
			if (!hot) return null;
			return {
				keyHash: hot.keyHash,
				records: hot.records,
				milliseconds: Math.max(0, hot.until - (hot.since ?? hot.until)),
			};
		},
	};
}

/** The first records of the items that are free, in the order of the batch. */
function headsOf(lanes: ReadonlyMap<string, Lane>, now: number): Put[] {
	const heads: Put[] = [];
	for (const { waiting, busy, notBefore } of lanes.values()) {
		const [head] = waiting;
		if (head && !busy && notBefore <= now) heads.push(head);
	}
	return heads.sort((a, b) => a.arrival.position - b.arrival.position);
}

function hottest(lanes: ReadonlyMap<string, Lane>) {
	let most = { keyHash: "", records: 1, since: null as number | null, until: 0 };
	for (const [keyHash, { waiting }] of lanes)
		if (waiting.length > most.records) most = { keyHash, records: waiting.length, since: null, until: 0 };
	return most.records > 1 ? most : null;
}

/** As many of the first as one call takes. A record above the call's own limit goes alone, for Kinesis to refuse by name. */
function fillCall(puts: readonly Put[]): Put[] {
	let bytes = 0;
	const end = puts.findIndex(({ size }, index) => {
		bytes += size;
		return index === PUT_LIMITS.records || (index > 0 && bytes > PUT_LIMITS.bytes);
	});
	return end === -1 ? [...puts] : puts.slice(0, end);
}
