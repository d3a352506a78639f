import { expect, test } from "vitest";
import { change } from "../testing/factories.ts";
import type { Outcome } from "./deliver.ts";
import { deliverInOrder, HELD } from "./deliver-in-order.ts";

const a1 = change({ item: "a", number: 1 });
const a2 = change({ item: "a", number: 2 });
const b1 = change({ item: "b", number: 1 });

test("sends nothing of an item behind its first trouble, in whatever group it stands", async () => {
	const sent: string[][] = [];
	const outcomes = await deliverInOrder([[a1], [b1, a2]], async (group) => {
		sent.push(group.map(({ eventID }) => eventID));
		return group.map(
			(change): Outcome => (change === a1 ? { status: "reject", reason: "bad" } : { status: "delivered" }),
		);
	});
	expect(sent).toEqual([[a1.eventID], [b1.eventID]]);
	expect(outcomes).toEqual([{ status: "reject", reason: "bad" }, { status: "delivered" }, HELD]);
});

test("does not call at all for a group that is held whole", async () => {
	let calls = 0;
	const outcomes = await deliverInOrder([[a1], [a2]], async () => {
		calls++;
		return [{ status: "retry", reason: "later" }];
	});
	expect(calls).toBe(1);
	expect(outcomes[1]).toBe(HELD);
});
