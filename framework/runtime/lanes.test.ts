import fc from "fast-check";
import { expect, test } from "vitest";
import { runLanes, type Verdict } from "./lanes.ts";

interface Entry {
	lane: string;
	position: number;
	fate: "delivered" | "retry" | "reject";
}

const batches = fc.array(
	fc.record({ lane: fc.constantFrom("a", "b", "c", "d"), fate: fc.constantFrom("delivered", "retry", "reject") }),
	{ maxLength: 40 },
);

/** Runs a batch with calls that take random turns, and keeps what happened in order. */
async function run(entries: readonly Entry[], maxRecords: number, concurrency: number, turns: readonly number[]) {
	const events: { entry: Entry; what: "tried" | "parked" | "held" }[] = [];
	const inFlight = new Set<string>();
	let calls = 0;
	let most = 0;
	await runLanes<Entry, Entry["fate"]>(entries, {
		maxRecords,
		concurrency,
		mayStart: () => true,
		opens: () => "on",
		async deliver(call) {
			expect(call.length).toBeLessThanOrEqual(maxRecords);
			const lanes = new Set(call.map(({ lane }) => lane));
			for (const lane of lanes) expect(inFlight.has(lane)).toBe(false);
			for (const lane of lanes) inFlight.add(lane);
			most = Math.max(most, ++calls);
			for (let turn = 0; turn < (turns[call[0]?.position ?? 0] ?? 0); turn++) await Promise.resolve();
			for (const lane of lanes) inFlight.delete(lane);
			calls--;
			return call.map(({ fate }) => fate);
		},
		async settle(entry, fate): Promise<Verdict> {
			events.push({ entry, what: "tried" });
			return fate === "delivered" ? "on" : fate === "retry" ? "stop" : "park";
		},
		async park(entry) {
			events.push({ entry, what: "parked" });
			return true;
		},
		hold: (entry) => events.push({ entry, what: "held" }),
	});
	return { events, most };
}

/** What must become of each record, told from its lane alone. */
function expected(entries: readonly Entry[]): Map<Entry, string> {
	const lanes = new Map<string, string>();
	return new Map(
		entries.map((entry) => {
			const state = lanes.get(entry.lane) ?? "tried";
			if (state === "tried" && entry.fate !== "delivered")
				lanes.set(entry.lane, entry.fate === "retry" ? "held" : "parked");
			return [entry, state];
		}),
	);
}

test("every record is settled once, in its lane's order, and nothing passes a stop", async () => {
	await fc.assert(
		fc.asyncProperty(
			batches,
			fc.integer({ min: 1, max: 7 }),
			fc.integer({ min: 1, max: 5 }),
			fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 40, maxLength: 40 }),
			async (batch, maxRecords, concurrency, turns) => {
				const entries = batch.map((each, position) => ({ ...each, position }) as Entry);
				const { events, most } = await run(entries, maxRecords, concurrency, turns);
				expect(most).toBeLessThanOrEqual(concurrency);
				expect(new Map(events.map(({ entry, what }) => [entry, what]))).toEqual(expected(entries));
				expect(events).toHaveLength(entries.length);
				for (const of of Map.groupBy(events, ({ entry }) => entry.lane).values()) {
					const positions = of.map(({ entry }) => entry.position);
					expect(positions).toEqual(positions.toSorted((a, b) => a - b));
				}
			},
		),
		{ numRuns: 200 },
	);
});

test("what cannot be started is held", async () => {
	const held: string[] = [];
	await runLanes([{ lane: "a" }, { lane: "b" }], {
		maxRecords: 1,
		concurrency: 1,
		mayStart: () => false,
		opens: () => "on",
		deliver: async () => [],
		settle: () => "on",
		park: async () => true,
		hold: ({ lane }, why) => held.push(`${lane} ${why}`),
	});
	expect(held).toEqual(["a time", "b time"]);
});
