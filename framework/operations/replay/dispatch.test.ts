import { setImmediate as immediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { parseRecord } from "../../lake/record.ts";
import { virtualClock } from "../../local/virtual-clock.ts";
import { streamRecord } from "../../testing/factories.ts";
import { createPace } from "../pace.ts";
import { dispatch, type Work } from "./dispatch.ts";

async function* works(count: number): AsyncGenerator<Work> {
	for (let item = 0; item < count; item++) {
		const line = JSON.stringify(streamRecord({ item: String(item), number: 1 }));
		yield { record: parseRecord(line, "object", item + 1), keyHash: String(item) };
	}
}

test.each([
	[0.5, [0, 2000, 4000, 6000, 8000]],
	[1, [0, 1000, 2000, 3000, 4000]],
	[2, [0, 0, 1000, 1000, 2000]],
	[null, [0, 0, 0, 0, 0]],
])("at a rate of %j a second, five records go at %j, however many a call takes", async (rate, times) => {
	const clock = virtualClock();
	const began = clock.now();
	const sleep = (milliseconds: number) => new Promise<void>((resolve) => void clock.after(milliseconds, resolve));
	const sent: number[] = [];
	let running = true;
	const work = dispatch(works(5), {
		target: {
			...{ batchSize: 100, attempts: 1 },
			async send(records) {
				for (const _ of records) sent.push(clock.now() - began);
				return records.map(() => ({ outcome: "delivered", reason: null }));
			},
		},
		pace: createPace(rate, { now: clock.now, sleep }),
		...{ now: clock.now, sleep, signal: new AbortController().signal },
		onSent() {},
		onMark: async () => {},
	}).finally(() => {
		running = false;
	});
	for (await immediate(); running; await immediate()) clock.advanceToNext();
	await work;
	expect(sent).toEqual(times);
});
