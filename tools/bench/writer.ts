/**
 * What order costs the router: the function with its writer beside the same function with one that keeps no order, in front of a Kinesis
 * stream that takes 20 ms for a call. And the ceiling of one hot item, whose changes travel one after another.
 *
 *     npm run bench:writer [-- --rounds N | --slow | --smoke]
 */
import { setImmediate as immediate, setTimeout as wait } from "node:timers/promises";
import { virtualClock } from "../../framework/local/virtual-clock.ts";
import { eventText, smallRecord, streamRecord } from "./event.ts";
import { type Bar, judge, print } from "./judge.ts";
import { benchOptions } from "./options.ts";
import { least, measure } from "./rounds.ts";
import type { Put } from "./unordered-writer.ts";
import { forwarderOf, type Run, type Time, unorderedOf } from "./world.ts";

const LATENCY_MILLISECONDS = 20;
const HOT_RECORDS = 50;

type Writer = (put: Put, time: Time) => Run;

const { rounds, times, smoke } = benchOptions(
	"bench:writer",
	"What order costs the writer to Kinesis, and the ceiling of one hot item",
	201,
);
const { Keys } = streamRecord(0).dynamodb;

/** One call; a large batch; and the most that Lambda hands over, 10,000 records in nearly 6 MB, without a bar for the work. No two of an item. */
const BATCHES = [
	{ name: "500 records of 2.5 KB", records: 500, text: eventText(500), bar: true },
	{ name: "2,000 records of 2.5 KB", records: 2000, text: eventText(2000), bar: true },
	{ name: "10,000 records of 0.6 KB", records: 10_000, text: eventText(10_000, smallRecord), bar: false },
];
const HOT_TEXT = eventText(HOT_RECORDS, (index) => {
	const record = streamRecord(index);
	return { ...record, dynamodb: { ...record.dynamodb, Keys } };
});

/** A stream that takes everything, after a time. */
const stream =
	(latency: () => Promise<unknown>): Put =>
	async (records) => {
		await latency();
		return { FailedRecordCount: 0, Records: records.map(() => ({ SequenceNumber: "1", ShardId: "shardId-0" })) };
	};

/** A timer alone may ring a millisecond early or late, which would be more than what is measured here. */
async function realLatency(): Promise<void> {
	const end = performance.now() + LATENCY_MILLISECONDS;
	await wait(LATENCY_MILLISECONDS - 2);
	while (performance.now() < end) await immediate();
}

/** Milliseconds that a writer waits for Kinesis, on a clock for which nothing else takes time. */
async function waitingOf(writer: Writer, text: string): Promise<number> {
	const clock = virtualClock();
	const start = clock.now();
	const sleep = (milliseconds: number) => new Promise<void>((resolve) => void clock.after(milliseconds, resolve));
	let running = true;
	const put = stream(() => sleep(LATENCY_MILLISECONDS));
	const work = writer(put, { now: clock.now, sleep })(JSON.parse(text)).finally(() => {
		running = false;
	});
	for (await immediate(); running; await immediate()) clock.advanceToNext();
	await work;
	return clock.now() - start;
}

/** Milliseconds of the quickest round of each writer, with all their work. */
async function wallOf(text: string): Promise<{ ordered: number; unordered: number }> {
	const put = stream(realLatency);
	const time: Time = { now: () => Date.now(), sleep: async (milliseconds) => void (await wait(milliseconds)) };
	const prepare = (): unknown => JSON.parse(text);
	const measured = await measure(
		[
			{ name: "unordered", prepare, run: unorderedOf(put, time) },
			{ name: "ordered", prepare, run: ordered(put, time) },
		],
		rounds,
		smoke ? 1 : 20,
	);
	const best = (name: string): number => least(measured.get(name) ?? []);
	return { ordered: best("ordered"), unordered: best("unordered") };
}

const ordered: Writer = (put, time) => {
	const run = forwarderOf(put, time);
	return async (event) => {
		for (let count = 0; count < times; count++) await run(event);
	};
};
const atLeast = (what: string, value: number): Bar => ({ what, value, bound: 0.95, side: "at least" });

print(`${LATENCY_MILLISECONDS} ms a call, ${rounds} rounds, node ${process.version}\n`);
const bars: Bar[] = [];
for (const { name, records, text, bar } of BATCHES) {
	const waits = { ordered: await waitingOf(ordered, text), unordered: await waitingOf(unorderedOf, text) };
	const wall = await wallOf(text);
	const perSecond = (milliseconds: number): number => Math.round((records / milliseconds) * 1000);
	const ratio = wall.unordered / wall.ordered;
	print(
		`${name}: waits ${waits.ordered} ms, unordered ${waits.unordered} ms; with all work ${perSecond(wall.ordered)} records a second, unordered ${perSecond(wall.unordered)}: ${ratio.toFixed(3)}`,
	);
	bars.push(atLeast(`${name}: throughput by the waits, ordered / unordered`, waits.unordered / waits.ordered));
	if (bar) bars.push(atLeast(`${name}: throughput with all work, ordered / unordered`, ratio));
}
const changes = HOT_RECORDS / ((await waitingOf(forwarderOf, HOT_TEXT)) / LATENCY_MILLISECONDS);
print(`one hot item: ${changes.toFixed(2)} changes in the time of one call\n`);
process.exitCode = judge(bars, smoke);
