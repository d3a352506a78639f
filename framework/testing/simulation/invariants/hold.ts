import { wanted } from "../expectation.ts";
import type { DrawnConsumer } from "../scenario.ts";
import { malformed } from "../table-model.ts";
import type { World } from "../world.ts";

/** A mapping's longest wait between attempts, and the work itself. */
const ROOM_MILLISECONDS = 12_000;

/**
 * I4 and I7, in seconds: where nothing is wrong but one receiver, everybody else has each record as soon as the plan prints. How long other
 * troubles hold a record is theirs.
 */
export function judgeHolds(world: World): void {
	const { scenario, facts } = world;
	if (facts.touched.size > 0 || scenario.consumers.filter(({ failsForever }) => failsForever).length !== 1) return;
	for (const consumer of scenario.consumers) if (!consumer.failsForever) judgeConsumer(world, consumer);
}

function judgeConsumer(world: World, consumer: DrawnConsumer): void {
	const { plan, table, facts } = world;
	const promise = plan.guarantees.find((one) => one.consumer === consumer.name);
	const path = plan.functions.filter(({ id, consumers }) => id === "router" || consumers.includes(consumer.name));
	const windows = path.reduce((sum, { mapping }) => sum + mapping.maximumBatchingWindowInSeconds, 0);
	const most = ((promise?.maxHoldSeconds ?? 0) + windows) * 1000 + ROOM_MILLISECONDS;
	const firsts = new Map<number, number>();
	for (const { consumer: name, truth, at } of facts.receipts)
		if (name === consumer.name && !firsts.has(truth)) firsts.set(truth, at);
	for (const truth of table.truths) {
		if (malformed(truth) || wanted(world, consumer, truth) !== "must") continue;
		const waited = (firsts.get(truth.id) ?? Number.POSITIVE_INFINITY) - truth.arrivedAt;
		// What stands behind a record that nobody can read is parked.
		const behind = table.truths.some((other) => other.item === truth.item && malformed(other));
		if (waited > most && !behind)
			world.breach("I4", `${consumer.name} got r${truth.id} after ${waited} ms; the plan says ${most} at most.`);
	}
}
