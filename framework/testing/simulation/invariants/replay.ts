import { wanted } from "../expectation.ts";
import type { Operation, Receipt } from "../facts.ts";
import type { World } from "../world.ts";

/** I2 and I4, of a replay: it reaches its consumer alone, and first deliveries of it are in their items' order. */
export function judgeReplayed(world: World, { consumer, truth: id, invocation }: Receipt): void {
	const operation = world.facts.operations.find((one) => one.id === invocation.replay);
	if (!operation) return;
	world.mark("I2", id);
	world.mark("I4", id);
	if (consumer !== operation.consumer)
		world.breach("I4", `${consumer} was given r${id} in a replay to ${operation.consumer}.`);
	if (wanted(world, world.consumerNamed(consumer), world.truth(id)) === "never")
		world.breach("I8", `${consumer} was given r${id} in a replay, which it does not want.`);
	if (operation.taken.includes(id)) return;
	const later = operation.taken.find((other) => other > id && world.truth(other).item === world.truth(id).item);
	if (later !== undefined)
		world.breach("I2", `${operation.id} gave ${consumer} r${id} after r${later} of the same item.`);
	operation.taken.push(id);
}

/** I1, of a replay that ended: each record that its consumer wants was taken, or is parked. */
export function judgeOperated(world: World, { id: name, consumer, truths, taken }: Operation): void {
	const letters = [...world.facts.letters.values()].filter((letter) => letter.consumer === consumer);
	for (const id of truths) {
		world.mark("I1", id);
		if (wanted(world, world.consumerNamed(consumer), world.truth(id)) !== "must" || taken.includes(id)) continue;
		if (!letters.some(({ truth }) => truth === id))
			world.breach("I1", `${name} ended, but ${consumer} has not had r${id}.`);
	}
}
