import type { InvocationFact } from "../facts.ts";
import type { World } from "../world.ts";

/** Calls out of one invocation of up to a minute, for each record and consumer of it: more is a loop, not patience. */
const MOST_CALLS_A_RECORD = 200;

/** I7, as an invocation ends: in time, without a loop. */
export function judgeEffort(world: World, invocation: InvocationFact): void {
	const { function: name, index, truths, calls, outcome } = invocation;
	for (const id of truths) world.mark("I7", id);
	if (outcome === "timed out") world.breach("I7", `${name} #${index} did not answer before Lambda ended it.`);
	const consumers = world.plan.functions.find(({ id }) => id === name)?.consumers.length ?? 0;
	const most = MOST_CALLS_A_RECORD * truths.length * (1 + consumers);
	if (calls > most) world.breach("I7", `${name} #${index} made ${calls} calls for ${truths.length} records.`);
}

/** I7, in the end: nothing is left to do. */
export function judgeQuiet(world: World, finished: boolean): void {
	const behind = [...world.mappings.values()].filter((mapping) => !mapping.idle()).map((mapping) => mapping.function);
	if (!finished) world.breach("I7", "The run did not come to rest: something goes on without end.");
	else if (behind.length > 0) world.breach("I7", `${behind.join(", ")} did not come to the end of the stream.`);
}
