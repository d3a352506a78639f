import { drawFaults } from "./draw-faults.ts";
import { type Chance, chanceOf } from "./random.ts";
import type { DrawnCondition, DrawnConsumer, DrawnFunction, Scenario, Shape, Write } from "./scenario.ts";

/** The scenario of a seed. */
export function drawScenario(seed: number): Scenario {
	const chance = chanceOf(seed, "scenario");
	const mode = chance.pick(["calm", "safety", "safety", "safety", "safety", "liveness"] as const);
	const topology = chance.pick(["kinesis", "direct"] as const);
	const router = drawFunction(chance);
	const consumers = Array.from({ length: chance.integer(1, 3) }, (_, index) => drawConsumer(chance, index));
	// The least of all counts: drawn one by one, hardly a batch of a direct router would hold two items.
	if (topology === "direct") for (const consumer of consumers) consumer.batchSize = router.batchSize;
	if (mode === "liveness") chance.pick(consumers).failsForever = true;
	const drawn: Omit<Scenario, "faults"> = {
		seed,
		mode,
		topology,
		lake: chance.happens(0.7) ? drawFunction(chance) : null,
		router,
		consumers,
		tableShards: chance.integer(1, 4),
		fanOutShards: chance.integer(1, 3),
		sortKey: chance.happens(0.3),
		digitsChangeAfter: chance.integer(0, 20),
		freshShare: chance.pick([0, 0.2, 0.6]),
		sdkAttempts: chanceOf(seed, "sdk").pick([1, 3]),
		maxRecordBytes: 2048,
		writes: drawWrites(chanceOf(seed, "writes")),
	};
	return { ...drawn, faults: drawsFaults(drawn) ? drawFaults(drawn, chanceOf(seed, "faults")) : [] };
}

/** In half of the runs with a receiver that fails for ever nothing else is wrong: how long it holds others can then be said in seconds. */
function drawsFaults({ seed, mode }: Pick<Scenario, "seed" | "mode">): boolean {
	return mode === "safety" || (mode === "liveness" && chanceOf(seed, "alone").happens(0.5));
}

function drawFunction(chance: Chance): DrawnFunction {
	return {
		batchSize: chance.pick([1, 2, 5, 10, 100]),
		windowSeconds: chance.pick([0, 0, 1, 5]),
		parallelization: chance.pick([1, 1, 2, 4]),
		timeoutSeconds: chance.pick([10, 30, 60]),
	};
}

const NAMES = ["crm", "index", "ledger"];

function drawConsumer(chance: Chance, index: number): DrawnConsumer {
	return {
		...drawFunction(chance),
		name: NAMES[index] ?? `more-${index}`,
		kind: chance.pick(["http", "lambda", "s3"] as const),
		when: chance.happens(0.6) ? drawCondition(chance) : null,
		budgetSeconds: chance.pick([5, 20, 60]),
		concurrency: chance.pick([1, 2, 10]),
		deduplicationHours: chance.pick([0, 0, 24]),
		content: chance.pick(["event", "item", "record"] as const),
		maxRecords: chance.pick([1, 1, 3, 10]),
		goesOn: chance.happens(0.3),
		failsForever: false,
	};
}

const STATUSES = ["NEW", "PAID", "SENT"];

export function drawCondition(chance: Chance): DrawnCondition {
	const values = STATUSES.filter(() => chance.happens(0.5));
	const op = chance.pick(["is", "not"] as const);
	return {
		events: chance.happens(0.4)
			? chance.pick([["INSERT", "MODIFY"], ["REMOVE"], ["EXPIRE"], ["INSERT", "EXPIRE"]])
			: null,
		status: values.length > 0 && chance.happens(0.7) ? { op, values } : null,
		total: chance.happens(0.3) ? 100 : null,
		changedStatus: chance.happens(0.2),
	};
}

/** What no stream should hold and some day does. */
export const ODD: readonly Shape[] = ["no-id", "no-keys", "bad-image", "no-sequence"];

/** A handful of items that change again and again: most of what can go wrong is about an item's order. */
function drawWrites(chance: Chance): Write[] {
	const items = chance.integer(2, 8);
	const odd = chance.happens(0.2) ? chance.pick([ODD, ["no-sequence"] as const]) : [];
	const oddShare = odd.length > 0 ? chance.pick([0.1, 0.3]) : 0;
	let at = 0;
	return Array.from({ length: chance.integer(5, 40) }, () => {
		at += chance.happens(0.7) ? chance.integer(0, 30) : chance.integer(0, 8000);
		return {
			at,
			item: chance.integer(0, items - 1),
			op: chance.pick(["put", "put", "put", "put", "delete", "expire"] as const),
			status: chance.happens(0.85) ? chance.pick(STATUSES) : null,
			total: chance.happens(0.8) ? chance.pick(["5", "150", "100.0", "12345678901234567890.5"]) : null,
			shape:
				oddShare > 0 && chance.happens(oddShare)
					? chance.pick(odd)
					: chance.pick(["plain", "plain", "plain", "exotic", "large"] as const),
		};
	});
}
