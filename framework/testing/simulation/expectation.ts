import { selects } from "./condition.ts";
import type { Letter } from "./facts.ts";
import type { DrawnCondition, DrawnConsumer, Fault } from "./scenario.ts";
import { malformed, type Truth } from "./table-model.ts";
import { STRANGER, type World } from "./world.ts";

/** What the reference model says of a record and a consumer. `may`: a change of the condition was under way, or a filter may drop what is malformed. */
export type Wanted = "must" | "may" | "never";

export function wanted({ scenario, start }: World, consumer: DrawnConsumer, truth: Truth): Wanted {
	const change = scenario.faults.find(
		(fault): fault is Extract<Fault, { kind: "change" }> => fault.kind === "change" && fault.consumer === consumer.name,
	);
	const arrived = truth.arrivedAt - start;
	for (const fault of scenario.faults) {
		if ((fault.kind !== "join" && fault.kind !== "leave") || fault.consumer !== consumer.name) continue;
		// A consumer of Kinesis that joins reads from the horizon on; one that leaves is owed nothing more.
		const owed =
			fault.kind === "join" && (scenario.topology === "kinesis" || arrived >= fault.at + SETTLING_MILLISECONDS);
		if (!owed) return malformed(truth) || selects(consumer.when, truth) ? "may" : "never";
	}
	const conditional = consumer.when !== null || change?.when !== undefined;
	// A filter may drop what is malformed; and what is wrong in an image that nobody looked into yet is no match.
	const unsure = conditional && (scenario.topology === "kinesis" || truth.shape === "bad-image");
	if (malformed(truth)) return unsure ? "may" : "must";
	const versions: (DrawnCondition | null)[] = [consumer.when];
	if (change) {
		versions.push(change.when);
		if (arrived >= change.at + change.filterDelay + SETTLING_MILLISECONDS) versions.shift();
	}
	const answers = new Set(versions.map((version) => selects(version, truth)));
	return answers.size > 1 ? "may" : answers.has(true) ? "must" : "never";
}

/** A record that arrives so long after a change is not met by anything older: containers end within their timeout. */
const SETTLING_MILLISECONDS = 60_000;

/** Whether a function owes nothing more of a record: each of its consumers has it or it is parked, or what stands for that. */
export function accountedFor(world: World, functionId: string, id: number): boolean {
	return eachConsumer(world, functionId, id, (consumer) => wanted(world, consumer, world.truth(id)) !== "must");
}

/** The same where nothing is uncertain: there is nothing that the function could still do with the record. */
export function isDone(world: World, functionId: string, id: number): boolean {
	return eachConsumer(world, functionId, id, (consumer) => wanted(world, consumer, world.truth(id)) === "never");
}

function eachConsumer(
	world: World,
	functionId: string,
	id: number,
	isFree: (consumer: DrawnConsumer) => boolean,
): boolean {
	const { facts, plan, scenario } = world;
	if (id === STRANGER) return true;
	const given = facts.dumped.get(functionId)?.has(id) || facts.dropped.get(functionId)?.has(id);
	if (given) return true;
	const planned = plan.functions.find((one) => one.id === functionId);
	if (world.truth(id).shape === "foreign" && planned?.source.type === "dynamodb") return true;
	if (planned?.role === "lake") return world.index.inLake.has(id);
	if (planned?.manifest.forward) return facts.copies.has(id);
	return (planned?.consumers ?? []).every((name) => {
		const consumer = scenario.consumers.find((one) => one.name === name) as DrawnConsumer;
		return hasOrParked(world, name, id) || isFree(consumer);
	});
}

export function hasOrParked({ index }: World, consumer: string, id: number): boolean {
	const name = `${consumer} ${id}`;
	return index.received.has(name) || index.parked.has(name);
}

/** Letters of one record at one consumer that are still there. */
export function lettersOf({ facts }: World, { consumer, truth }: Pick<Letter, "consumer" | "truth">): Letter[] {
	return [...facts.letters.values()].filter(
		(letter) => letter.live && !letter.gone && letter.consumer === consumer && letter.truth === truth,
	);
}

/** Letters of earlier records of an item, still there or not. */
export function lettersBefore({ facts, truth }: World, consumer: string, { item, id }: Truth): Letter[] {
	return [...facts.letters.values()].filter(
		(letter) =>
			letter.live &&
			letter.consumer === consumer &&
			letter.truth !== null &&
			letter.truth < id &&
			isLaneMate(truth(letter.truth), item),
	);
}

/** A record without readable keys has a lane of its own: nothing stands behind it. */
const isLaneMate = (earlier: Truth, item: number): boolean => earlier.item === item && earlier.shape !== "no-keys";
