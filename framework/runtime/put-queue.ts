import type { Arrival } from "./arrival.ts";

/** PutRecords takes 500 records and 10 MiB a call, partition keys included (Kinesis API reference, "PutRecords"). */
export const PUT_LIMITS = { records: 500, bytes: 10 * 1024 * 1024 } as const;

/** Waits between attempts at one record, in milliseconds: full jitter below a doubling bound. */
const BACKOFF = { first: 50, most: 2000 };

export interface Put {
	arrival: Arrival;
	data: Buffer;
	/** Bytes that count against the limits: data and partition key. */
	size: number;
}

interface Lane {
	/** Records of one item not yet accepted, first first. */
	waiting: Put[];
	failures: number;
	/** Epoch milliseconds before which it is not tried again. */
	notBefore: number;
}

/**
 * What is still to be put, by item. PutRecords keeps no order within a call, so a call holds at most one record of an item,
 * and the next one is offered only after that one was accepted.
 */
export interface PutQueue {
	/** Records of the next call, in the order of the batch; empty when every item waits out a failure. */
	next(now: number): Put[];
	accepted(put: Put): void;
	failed(put: Put, now: number): void;
	/** When the first item may be tried; null when nothing is left. */
	earliest(): number | null;
}

export function createPutQueue(puts: readonly Put[], random: () => number): PutQueue {
	const lanes = new Map<string, Lane>();
	for (const [key, waiting] of Map.groupBy(puts, ({ arrival }) => arrival.keyHash))
		lanes.set(key, { waiting, failures: 0, notBefore: 0 });
	const laneOf = (put: Put): Lane => {
		const lane = lanes.get(put.arrival.keyHash);
		if (!lane) throw new Error(`Record ${put.arrival.eventID} is not in the queue.`);
		return lane;
	};
	return {
		next(now) {
			const heads = Array.from(lanes.values())
				.filter(({ notBefore }) => notBefore <= now)
				.flatMap(({ waiting }) => waiting.slice(0, 1))
				.sort((a, b) => a.arrival.position - b.arrival.position);
			return fillCall(heads);
		},
		accepted(put) {
			const lane = laneOf(put);
			lane.waiting.shift();
			lane.failures = 0;
			if (lane.waiting.length === 0) lanes.delete(put.arrival.keyHash);
		},
		failed(put, now) {
			const lane = laneOf(put);
			const bound = Math.min(BACKOFF.most, BACKOFF.first * 2 ** lane.failures);
			lane.failures += 1;
			lane.notBefore = now + Math.ceil(random() * bound);
		},
		earliest: () => (lanes.size === 0 ? null : Math.min(...Array.from(lanes.values(), ({ notBefore }) => notBefore))),
	};
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
