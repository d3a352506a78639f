import type { Code } from "./code.ts";
import { redeploy } from "./deployment.ts";
import { addTo, type Facts } from "./facts.ts";
import { putForeign } from "./foreign.ts";
import { redriveByHand, replayByHand } from "./operator.ts";
import { chanceOf } from "./random.ts";
import type { Fault, Scenario } from "./scenario.ts";
import { createWorld, type World } from "./world.ts";

/** What came of a scenario. */
export interface Run {
	scenario: Scenario;
	facts: Facts;
	trace: readonly string[];
	/** Of the trace: the same for the same scenario. */
	hash: string;
	world: World;
}

/** Events of a run; one that needs more goes round in circles. */
const MOST_EVENTS = 400_000;

/** Calls that were lost on the way land within this, and containers end. */
const AFTERMATH_MILLISECONDS = 120_000;

/** Plays a scenario to its end and judges it. */
export async function runScenario(scenario: Scenario, code: Code): Promise<Run> {
	const world = createWorld(scenario, code);
	const { scheduler, start, facts, trace } = world;
	for (const write of scenario.writes) scheduler.after(write.at, () => play(world, write));
	for (const [index, fault] of scenario.faults.entries()) plan(world, fault, index);
	const healed = start + Math.max(0, ...scenario.writes.map(({ at }) => at), ...scenario.faults.map(endOf));
	const isQuiet = (): boolean =>
		scheduler.now() > healed && [...world.mappings.values()].every((mapping) => mapping.idle());
	// Something to do at the moment of healing, lest nothing be left to play before it.
	scheduler.after(healed - start + 1000, () => {});
	const end = healed + patience(scenario);
	let finished = true;
	// What one mapping ends, another hears of a little later.
	do {
		finished &&= await scheduler.run(end, MOST_EVENTS, isQuiet);
		finished &&= await scheduler.run(scheduler.now() + AFTERMATH_MILLISECONDS, MOST_EVENTS);
	} while (finished && !isQuiet() && scheduler.now() < end);
	world.judge.end(finished);
	return { scenario, facts, trace: trace.lines(), hash: trace.hash(), world };
}

/** How long the pipeline may take to work off what is left: each item may use up its budget, one after another. */
function patience({ consumers, writes }: Scenario): number {
	const budgets = consumers.map(({ budgetSeconds }) => budgetSeconds * 1000);
	return 3_600_000 + Math.max(0, ...budgets) * writes.length;
}

function endOf(fault: Fault): number {
	if ("to" in fault) return fault.to;
	if (fault.kind === "poison") return fault.until ?? 0;
	if (fault.kind === "change") return fault.at + fault.filterDelay;
	return "at" in fault ? fault.at : 0;
}

function play(world: World, write: Scenario["writes"][number]): void {
	const { scenario, scheduler, table, trace, facts } = world;
	const time = scheduler.now() - world.start;
	const index = scenario.faults.findIndex(
		(fault) => fault.kind === "backdated" && time >= fault.from && time < fault.to,
	);
	const fault = scenario.faults[index];
	const seconds = fault?.kind === "backdated" ? fault.seconds : 0;
	const truth = table.write(write, scheduler.now(), Math.floor(scheduler.now() / 1000) - seconds);
	if (!truth) return;
	if (seconds > 0) addTo(facts.touched, index, [truth.id]);
	trace.add(
		scheduler.now(),
		`r${truth.id} is ${truth.event} of item ${truth.item}, ${truth.shape}, ${truth.shardId} ${truth.sequenceNumber}`,
	);
}

/** Faults that happen at a time; the others are asked about where they strike. */
function plan(world: World, fault: Fault, index: number): void {
	if (!("at" in fault)) return;
	world.scheduler.after(fault.at, () => {
		const touched = happen(world, fault, index);
		addTo(world.facts.touched, index, touched);
		world.trace.add(world.scheduler.now(), `** ${JSON.stringify(fault)}`);
	});
}

/** Does it and answers the truths it touches. */
function happen(world: World, fault: Extract<Fault, { at: number }>, index: number): number[] {
	const { facts, scenario } = world;
	switch (fault.kind) {
		case "reshard": {
			const stream = fault.stream === "table" ? world.tableStream : world.fanOut;
			const done = stream.reshard(chanceOf(scenario.seed, "reshard", index), fault.merge);
			return done ? stream.all.flatMap(({ log }) => log.map(({ json }) => world.known.get(json) ?? -1)) : [];
		}
		case "poller": {
			const open = facts.invocations.filter((one) => one.function === fault.function && one.endedAt === null);
			world.mappings.get(fault.function)?.restart();
			return open.flatMap(({ truths }) => truths);
		}
		case "recycle":
			world.hosts.get(fault.function)?.recycle();
			return facts.invocations.filter((one) => one.function === fault.function).flatMap(({ truths }) => truths);
		case "redrive":
			void redriveByHand(world, fault.consumer);
			return [...facts.letters.values()].flatMap(({ consumer, truth }) =>
				consumer === fault.consumer && truth !== null ? [truth] : [],
			);
		case "replay":
			void replayByHand(world, fault.consumer);
			return facts.operations.at(-1)?.truths ?? [];
		case "foreign":
			return [putForeign(world, fault.what, index)];
		case "change":
		case "join":
		case "leave":
			redeploy(world, fault);
			return world.table.truths.map(({ id }) => id);
	}
}
