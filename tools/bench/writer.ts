/**
 * What order costs the router: its writer beside one that keeps none, in front of a Kinesis stream that takes 20 ms for a call. And the
 * ceiling of one hot item, whose changes travel one after another.
 *
 *     npm run bench:writer [-- --rounds N | --slow | --smoke]
 */
import { setImmediate as immediate, setTimeout as wait } from "node:timers/promises";
import { virtualClock } from "../../framework/local/virtual-clock.ts";
import { decodeEvent } from "../../framework/runtime/arrival.ts";
import { PUT_LIMITS } from "../../framework/runtime/put-queue.ts";
import { eventText, RECORDS, streamRecord } from "./event.ts";
import { type Bar, judge, print } from "./judge.ts";
import { benchOptions } from "./options.ts";
import { least, measure } from "./rounds.ts";
import { forwarderOf, type KinesisRecord, type Run } from "./world.ts";

const LATENCY_MILLISECONDS = 20;
const HOT_RECORDS = 50;

const { rounds, times, smoke } = benchOptions(41);
const spread = eventText();
const keys = streamRecord(0).dynamodb.Keys;
/** All of them changes of one item. */
const hot = eventText(HOT_RECORDS, (index) => {
	const record = streamRecord(index);
	return { ...record, dynamodb: { ...record.dynamodb, Keys: keys } };
});

type Put = (records: readonly KinesisRecord[]) => Promise<object>;

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

/** The same work on each record, and then all calls at once. */
const unorderedOf =
	(put: Put): Run =>
	async (event) => {
		const puts = decodeEvent(event).map(({ keyHash, data }) => ({ PartitionKey: keyHash, Data: Buffer.from(data) }));
		const calls: Promise<object>[] = [];
		for (let start = 0; start < puts.length; start += PUT_LIMITS.records)
			calls.push(put(puts.slice(start, start + PUT_LIMITS.records)));
		return Promise.all(calls);
	};

/** Milliseconds that a writer waits for Kinesis, on a clock for which nothing else takes time. */
async function waitingOf(
	writer: (put: Put, time: Parameters<typeof forwarderOf>[1]) => Run,
	text: string,
): Promise<number> {
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

const repeated =
	(run: Run): Run =>
	async (event) => {
		for (let time = 0; time < times; time++) await run(event);
	};
const ordered: typeof forwarderOf = (put, time) => repeated(forwarderOf(put, time));
const waiting = {
	unordered: await waitingOf(unorderedOf, spread),
	ordered: await waitingOf(ordered, spread),
	hot: await waitingOf(forwarderOf, hot),
};

const real = stream(realLatency);
const prepare = (): unknown => JSON.parse(spread);
const orderedWriter = ordered(real, {
	now: () => Date.now(),
	sleep: async (milliseconds) => void (await wait(milliseconds)),
});
const measured = await measure(
	[
		{ name: "unordered", prepare, run: unorderedOf(real) },
		{ name: "ordered", prepare, run: orderedWriter },
	],
	rounds,
	smoke ? 1 : 20,
);
const best = (name: string): number => least(measured.get(name) ?? []);
const perSecond = (milliseconds: number): number => Math.round((RECORDS / milliseconds) * 1000);

print(
	`${RECORDS} records of as many items, ${LATENCY_MILLISECONDS} ms a call, ${rounds} rounds, node ${process.version}\n`,
);
print(`waits for Kinesis: ordered ${waiting.ordered} ms, unordered ${waiting.unordered} ms`);
print(
	`records a second with all work: ordered ${perSecond(best("ordered"))}, unordered ${perSecond(best("unordered"))}`,
);
print(
	`one hot item: ${(HOT_RECORDS / (waiting.hot / LATENCY_MILLISECONDS)).toFixed(2)} changes in the time of one call\n`,
);
const bars: Bar[] = [
	{
		what: "throughput by the waits, ordered / unordered",
		value: waiting.unordered / waiting.ordered,
		bound: 0.95,
		side: "at least",
	},
	{
		what: "throughput with all work, ordered / unordered",
		value: best("unordered") / best("ordered"),
		bound: 0.85,
		side: "at least",
	},
];
process.exitCode = judge(bars, smoke);
