import fc from "fast-check";
import { expect, test } from "vitest";
import type { Arrival } from "./arrival.ts";
import { ItemOrder } from "./item-order.ts";

/** Hashes that begin alike, so that places are contended for, and some that lie at the table's end. */
const keyHash = fc
	.tuple(fc.constantFrom("0000000", "0000001", "fffffff", "fffffe0"), fc.integer({ min: 0, max: 5 }))
	.map(([start, end]) => start.padEnd(63, "a") + end);

test("records of an item follow one another in the batch's order, wherever their hashes lie", () => {
	fc.assert(
		fc.property(fc.array(keyHash, { maxLength: 60 }), (hashes) => {
			const arrivals = hashes.map((keyHash, position) => ({ keyHash, position }) as Arrival);
			const order = new ItemOrder(arrivals);
			const heads = arrivals.filter((_, place) => order.look(place) === undefined);
			const lines = heads.map((head) => {
				const line = [head];
				for (let next = order.successorOf(head); next; next = order.successorOf(next)) line.push(next);
				return line;
			});
			const items = [...Map.groupBy(arrivals, (arrival) => arrival.keyHash).values()];
			expect(lines).toEqual(items);
			const most = Math.max(0, ...items.map(({ length }) => length));
			expect(order.longest?.records ?? 1).toBe(Math.max(1, most));
			if (order.longest) expect(items.find(([head]) => head === order.longest?.first)).toHaveLength(most);
		}),
	);
});
