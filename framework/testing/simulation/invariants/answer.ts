import { accountedFor, isDone } from "../expectation.ts";
import { type InvocationFact, isClean } from "../facts.ts";
import type { World } from "../world.ts";

/** I6: the answer names the lowest unfinished record. */
export function judgeAnswer(world: World, invocation: InvocationFact): void {
	const { truths, identifiers, outcome, function: name, index } = invocation;
	if (outcome !== "answered") return;
	const failures = (invocation.response as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures;
	const named = failures.map(({ itemIdentifier }) => itemIdentifier);
	const position = named.length === 0 ? truths.length : identifiers.indexOf(named[0] ?? "");
	if (position === -1) {
		world.breach("I6", `${name} #${index} names ${named[0]}, which is not in its batch.`);
		return;
	}
	for (const [place, id] of truths.entries()) {
		world.mark("I6", id);
		if (place < position && !accountedFor(world, name, id))
			world.breach("I6", `${name} #${index} names record ${position} of its batch, but r${id} before it is not done.`);
	}
	const lowest = truths[position];
	// Others that have the same batch may have done it meanwhile.
	if (lowest === undefined || named[0] === "" || !isClean(invocation)) return;
	// The lake answers all or nothing.
	if (name !== "lake" && isDone(world, name, lowest) && !isBlurred(world, lowest))
		world.breach("I6", `${name} #${index} names r${lowest}, which is done.`);
}

/** Whether the record may have been done by an attempt that knows nothing of it: its call's answer or its own was lost. */
function isBlurred({ facts, scenario }: World, id: number): boolean {
	const lost = scenario.faults.some(
		(fault, index) => fault.kind !== "poison" && fault.kind !== "throttle" && facts.touched.get(index)?.has(id),
	);
	const failed = facts.invocations.some(({ truths, outcome }) => truths.includes(id) && outcome !== "answered");
	return lost || failed || (facts.copies.get(id) ?? 1) > 1;
}
