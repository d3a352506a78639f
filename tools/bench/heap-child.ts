/** `node heap-child.ts lake|HTTP TIMES`: prints the peak heap of an invocation as a ratio to the heap of its parsed event. */
import { GCProfiler } from "node:v8";
import { eventText } from "./event.ts";
import { conditionOn, httpConsumer, routerOf, uncompressedLake } from "./world.ts";

const [, , name, times] = process.argv;
const text = eventText();
const run = name === "lake" ? uncompressedLake() : routerOf([httpConsumer("c", conditionOn("PAID"), "event", 100)]);

/** Heap and what lies outside it: buffers. */
const used = (): number => {
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
};
/** A turn of the loop lets go of what only the last one held. */
async function settled(): Promise<number> {
	for (let turn = 0; turn < 3; turn++) {
		await new Promise((resolve) => setImmediate(resolve));
		globalThis.gc?.();
	}
	return used();
}

await run(JSON.parse(text));
const before = await settled();
// The planted slowness keeps more events than one.
const events = Array.from({ length: Number(times) }, () => JSON.parse(text));
const parsed = ((await settled()) - before) / events.length;
const profiler = new GCProfiler();
profiler.start();
await run(events[0]);
const atEnd = used();
const { statistics } = profiler.stop();
const peak = Math.max(
	atEnd,
	...statistics.map(({ beforeGC: { heapStatistics: heap } }) => heap.usedHeapSize + heap.externalMemory),
);
process.stdout.write(String((peak - before) / parsed));
