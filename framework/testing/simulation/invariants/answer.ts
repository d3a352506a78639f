import { accountedFor, hasOrParked, isDone, wanted } from "../expectation.ts";
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
	if (
		name !== "lake" &&
		isDone(world, name, lowest) &&
		!isBlurred(world, lowest) &&
		!isHeldLetter(world, invocation, lowest)
	)
		world.breach("I6", `${name} #${index} names r${lowest}, which is done.`);
}

/** I6, of a replay: it names every record that is not done. */
export function judgeReplay(
	world: World,
	{ outcome, response, truths, consumers, function: name, index }: InvocationFact,
): void {
	if (outcome !== "answered") return;
	const failures = (response as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures;
	const named = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
	for (const id of truths) {
		world.mark("I6", id);
		const [consumer = ""] = consumers;
		const truth = world.truth(id);
		const taken = world.facts.replayed.some((one) => one.consumer === consumer && one.truth === id);
		const letters = [...world.facts.letters.values()].some((one) => one.consumer === consumer && one.truth === id);
		const isFree =
			taken ||
			letters ||
			hasOrParked(world, consumer, id) ||
			wanted(world, world.consumerNamed(consumer), truth) !== "must";
		if (!named.has(truth.eventID) && !isFree)
			world.breach("I6", `${name} #${index} does not name r${id} of a replay, which is not done.`);
	}
}

/** Whether the invocation never came to a record that an earlier one had parked: it parks it again when it does, and only then knows. */
function isHeldLetter({ truth, index }: World, { reports }: InvocationFact, id: number): boolean {
	const held = reports.filter(({ eventID, outcome }) => outcome === "held" && eventID === truth(id).eventID);
	return held.length > 0 && held.every(({ consumer }) => index.parked.has(`${consumer} ${id}`));
}

/** Whether the record may have been done by an attempt that nobody knows of: its call's answer or its own was lost, or it did not end well. */
function isBlurred({ facts, scenario }: World, id: number): boolean {
	const lost = scenario.faults.some(
		(fault, index) => fault.kind !== "poison" && fault.kind !== "throttle" && facts.touched.get(index)?.has(id),
	);
	const unknown = facts.invocations.some((invocation) => invocation.truths.includes(id) && !isClean(invocation));
	return lost || unknown || (facts.copies.get(id) ?? 1) > 1;
}
