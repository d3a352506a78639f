import fc from "fast-check";
import { expect, test } from "vitest";
import type { Arrival } from "./arrival.ts";
import { PUT_LIMITS, type PutCall, PutQueue, SETTLING_MILLISECONDS } from "./put-queue.ts";

/** More than one call takes, so that records are looked at while others are on their way or accepted already. */
const BATCH = { minLength: PUT_LIMITS.records, maxLength: 3 * PUT_LIMITS.records };

type Fate = "wait" | "accepted" | "refused" | "unconfirmed";

const arrivalsOf = (items: readonly number[]): Arrival[] =>
	items.map((item, position) => ({ keyHash: String(item).padStart(64, "0"), position, data: "{}" }) as Arrival);

const taken = (next: ReturnType<PutQueue["next"]>): PutCall | null => (next && "entries" in next ? next : null);

test("a record is offered once all before it of its item were accepted, whenever it is looked at, and every record is", () => {
	const item = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 100_000 }));
	const fates = fc.infiniteStream(fc.constantFrom<Fate[]>("wait", "accepted", "accepted", "refused", "unconfirmed"));
	fc.assert(
		fc.property(fc.array(item, BATCH), fates, (items, fate) => {
			const arrivals = arrivalsOf(items);
			const queue = new PutQueue(arrivals, 1000, () => 0.5);
			const accepted = new Set<Arrival>();
			const settled = new Map<Arrival | undefined, number>();
			const calls: PutCall[] = [];
			let now = 0;
			while (accepted.size < arrivals.length) {
				const call = taken(queue.next(now));
				if (call) {
					expect(new Set(call.arrivals.map(({ keyHash }) => keyHash)).size).toBe(call.arrivals.length);
					for (const arrival of call.arrivals) {
						const before = arrivals.slice(0, arrival.position).filter(({ keyHash }) => keyHash === arrival.keyHash);
						expect(before.every((each) => accepted.has(each))).toBe(true);
						expect(now).toBeGreaterThanOrEqual(settled.get(before.at(-1)) ?? 0);
					}
					calls.push(call);
				}
				for (const answered of calls.splice(0, call && fate.next().value === "wait" ? 0 : 1))
					for (const arrival of answered.arrivals) {
						const value: Fate = fate.next().value;
						if (value === "refused" || value === "unconfirmed") {
							queue[value](arrival, now);
							if (value === "unconfirmed") settled.set(arrival, now + SETTLING_MILLISECONDS);
						} else {
							queue.accepted(arrival, now);
							accepted.add(arrival);
						}
					}
				now = Math.max(now + 1, call || calls.length > 0 ? now : (queue.earliest() ?? now));
			}
			expect(taken(queue.next(now))).toBeNull();
			expect(queue.earliest()).toBeNull();
		}),
		{ numRuns: 25 },
	);
});

test("the hottest item's time is from its first put to its last acceptance, though it was met late", () => {
	const arrivals = arrivalsOf([...Array.from({ length: PUT_LIMITS.records }, (_, item) => item), 7, 7]);
	const queue = new PutQueue(arrivals, 1000, () => 0);
	const first = taken(queue.next(100));
	expect(first?.arrivals).toHaveLength(PUT_LIMITS.records);
	for (const arrival of first?.arrivals ?? []) queue.accepted(arrival, 200);
	expect(queue.hotItem()).toBeNull();
	for (const at of [300, 400]) {
		// Met, and then woken: what was accepted before it stood in its way no longer.
		const call = taken(queue.next(at)) ?? taken(queue.next(at));
		expect(call?.arrivals.map(({ position }) => position)).toEqual([PUT_LIMITS.records + (at === 300 ? 0 : 1)]);
		for (const arrival of call?.arrivals ?? []) queue.accepted(arrival, at + 50);
	}
	expect(queue.hotItem()).toEqual({ keyHash: arrivals[7]?.keyHash, records: 3, milliseconds: 350 });
});
