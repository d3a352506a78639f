import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arrival, compareWithLedger } from "./check.ts";
import { Ledger } from "./ledger.ts";
import { tellStories } from "./stories.ts";

function ledgerOf(arrivals: readonly Arrival[]): Ledger {
	const ledger = new Ledger();
	for (const { item, event, version } of arrivals) ledger.record(item, { event, version, sentAt: 0 });
	return ledger;
}

const life: Arrival[] = [
	{ item: "a/1", event: "INSERT", version: 1 },
	{ item: "b/1", event: "INSERT", version: 1 },
	{ item: "a/1", event: "MODIFY", version: 2 },
	{ item: "a/1", event: "REMOVE", version: null },
];

test("what arrived as it was written raises no problem, whatever the order between items", () => {
	const [insertA, insertB, ...rest] = life as [Arrival, Arrival, ...Arrival[]];
	expect(compareWithLedger("lake", ledgerOf(life), [insertB, insertA, ...rest])).toEqual([]);
});

test.each([
	["a lost change", life.slice(0, 3), "misses a change"],
	["a repeated change", [...life, life[3] as Arrival], "has a change twice"],
	["a swapped pair", [life[1], life[2], life[0], life[3]] as Arrival[], "is out of order"],
	["an item nobody wrote", [...life, { item: "c/1", event: "INSERT", version: 1 } as Arrival], "was never written"],
])("%s is found", (_name, arrivals, words) => {
	const problems = compareWithLedger("lake", ledgerOf(life), arrivals);
	expect(problems).toHaveLength(1);
	expect(problems[0]).toContain(words);
});

test("stories make exactly the number of records asked for", () => {
	const records = { session: 5, batch: 25, transaction: 6, expiring: 2, visits: 0 };
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 3000 }), (events) => {
			const told = tellStories(events);
			const sum = told.reduce((n, story) => n + (story.kind === "visits" ? story.updates + 1 : records[story.kind]), 0);
			expect(sum).toBe(events);
		}),
	);
});
