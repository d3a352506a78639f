import { wanted } from "../expectation.ts";
import { isClean } from "../facts.ts";
import type { DrawnConsumer, Fault } from "../scenario.ts";
import { malformed } from "../table-model.ts";
import { STRANGER, type World } from "../world.ts";

/** I4: who has no trouble of its own has each record by the first attempt that ended well, whatever befell others. */
export function judgeIsolation(world: World): void {
	const { scenario, plan, facts } = world;
	for (const { id: functionId, consumers, timeoutSeconds } of plan.functions)
		for (const consumer of scenario.consumers.filter(({ name }) => consumers.includes(name))) {
			if (consumer.failsForever || scenario.faults.some((fault) => troubles(fault, consumer))) continue;
			for (const invocation of facts.invocations) {
				const { startedAt, endedAt } = invocation;
				const quick = endedAt !== null && endedAt - startedAt < timeoutSeconds * 300;
				if (invocation.replay !== null || invocation.function !== functionId || !isClean(invocation) || !quick)
					continue;
				for (const id of invocation.truths) judgeRecord(world, consumer, id, invocation.index, endedAt);
			}
		}
}

function judgeRecord(world: World, consumer: DrawnConsumer, id: number, index: number, endedAt: number): void {
	if (id === STRANGER) return;
	const truth = world.truth(id);
	world.mark("I4", id);
	const lane = world.table.truths.filter(({ item }) => item === truth.item);
	// Of a claim check the operations bucket may say that it is not there; some exotic records are long enough to travel as one.
	const unread =
		lane.some(({ shape }) => shape === "large" || shape === "exotic") && world.scenario.faults.some(isOfOperations);
	if (unread || lane.some(malformed) || wanted(world, consumer, truth) !== "must") return;
	const taken = world.facts.receipts.some(
		(receipt) => receipt.consumer === consumer.name && receipt.truth === id && receipt.at <= endedAt,
	);
	if (!taken) world.breach("I4", `${consumer.name} has no trouble, but invocation #${index} did not give it r${id}.`);
}

const isOfOperations = (fault: Fault): boolean => fault.kind === "calls" && fault.target === "operations";

/** Whether a fault may keep a consumer from a record by the promises' own words. */
function troubles(fault: Fault, { name }: DrawnConsumer): boolean {
	if (fault.kind === "calls") return fault.target === `receiver:${name}`;
	return "consumer" in fault && fault.consumer === name;
}
