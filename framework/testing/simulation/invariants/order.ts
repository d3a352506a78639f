import { hasOrParked, lettersBefore, wanted } from "../expectation.ts";
import type { Letter, Receipt } from "../facts.ts";
import type { DrawnConsumer } from "../scenario.ts";
import { malformed } from "../table-model.ts";
import type { World } from "../world.ts";

/** I2, as a record is taken: first deliveries follow the item's order, and nothing passes a parked record. */
export function judgeReceived(world: World, { consumer: name, truth: id, invocation }: Receipt): void {
	const { index, table } = world;
	const truth = world.truth(id);
	const consumer = world.consumerNamed(name);
	world.mark("I2", id);
	if (wanted(world, consumer, truth) === "never")
		world.breach("I8", `${name} was given r${id}, which it does not want.`);
	const passedBy = lettersBefore(world, name, truth).find(
		(letter) =>
			!letter.gone &&
			letter.at < invocation.startedAt &&
			!isRedriven(world, letter) &&
			!isForNobody(world, consumer, letter),
	);
	// Letters lie by their sequence numbers: one of a record without stands before all others of its item.
	const hasPlace = invocation.replay === null || truth.shape !== "no-sequence";
	if (passedBy && hasPlace)
		world.breach("I2", `${name} was given r${id} although r${passedBy.truth} of its item is parked.`);
	if (index.received.has(`${name} ${id}`)) return;
	for (const earlier of table.truths.slice(0, id)) {
		if (earlier.item !== truth.item || earlier.shape === "no-keys" || hasOrParked(world, name, earlier.id)) continue;
		const given = [...world.facts.dumped.values(), ...world.facts.dropped.values()].some((ids) => ids.has(earlier.id));
		if (!given && wanted(world, consumer, earlier) === "must")
			world.breach("I2", `${name} was given r${id} before r${earlier.id} of the same item.`);
	}
	const latest = index.latest.get(`${name} ${truth.item}`) ?? -1;
	// A mapping whose filter widens reads again from its checkpoint what the narrower one had left out.
	if (latest > id && wanted(world, consumer, truth) === "must")
		world.breach("I2", `${name} was given r${id} for the first time after r${latest} of the same item.`);
	if (hasPlace) index.latest.set(`${name} ${truth.item}`, Math.max(latest, id));
}

/** Whether a letter was redriven already, and put once more by a call that was long given up: the next redrive knows it. */
function isRedriven({ facts }: World, letter: Letter): boolean {
	return facts.receipts.some(
		({ consumer, truth, invocation }) =>
			invocation.replay !== null && consumer === letter.consumer && truth === letter.truth,
	);
}

/** Whether a letter is of a claim check that could not be read when it was written: once it can be, it holds nothing, and a redrive puts it aside. */
function isForNobody(world: World, consumer: DrawnConsumer, { truth: id }: Letter): boolean {
	if (id === null) return false;
	const truth = world.truth(id);
	// While a condition is being changed, one of its versions may want it and the other not.
	return !malformed(truth) && wanted(world, consumer, truth) !== "must";
}

/** I2, in the end: a repeat may go back, and then shows everything after it again. */
export function judgeRepeats(world: World): void {
	const { facts, scenario, truth } = world;
	const doubled = scenario.faults.some(
		({ kind }) => kind === "twice" || kind === "poller" || kind === "change" || kind === "replay",
	);
	// What reaches a receiver late, reaches it behind what was sent since. To Kinesis the writer waits until nothing can.
	const late = scenario.faults.some(
		(fault) => fault.kind === "calls" && fault.how === "late" && fault.target !== "kinesis",
	);
	if (doubled || late) return;
	// What has no sequence number cannot be remembered as done: it comes again alone.
	const numbered = facts.receipts.filter((one) => truth(one.truth).shape !== "no-sequence");
	for (const [name, receipts] of Map.groupBy(numbered, (one) => `${one.consumer} ${truth(one.truth).item}`)) {
		const received = [...new Set(receipts.map((receipt) => receipt.truth))].sort((a, b) => a - b);
		for (const [place, receipt] of receipts.entries()) {
			const before = receipts[place - 1]?.truth ?? -1;
			const skipped = received.find((id) => id > before && id < receipt.truth);
			if (skipped !== undefined && place > 0)
				world.breach("I2", `${name}: after r${before} came r${receipt.truth}, without r${skipped}.`);
		}
	}
}
