import { drawCondition } from "./draw.ts";
import type { Chance } from "./random.ts";
import type { CallFault, Fault, Scenario, Target } from "./scenario.ts";

type Subject = Omit<Scenario, "faults">;

/** Faults begin within this time, in milliseconds. */
const SPAN = 60_000;

const HOURS = 3_600_000;

/** A few faults, of any kinds at once. */
export function drawFaults(scenario: Subject, chance: Chance): Fault[] {
	const faults = Array.from({ length: chance.integer(1, 5) }, () => drawFault(scenario, chance));
	// One deployment a run: which version met a record would else be anybody's guess.
	return faults.filter((fault, index) => !isDeployment(fault) || faults.findIndex(isDeployment) === index);
}

function drawFault(scenario: Subject, chance: Chance): Fault {
	const functions = functionsOf(scenario);
	const name = chance.pick(functions);
	const at = drawTime(scenario, chance);
	switch (chance.pick(KINDS)) {
		case "kill":
			return {
				kind: "kill",
				function: name,
				invocation: chance.integer(0, 6),
				call: chance.integer(0, 8),
				moment: chance.pick(["before", "applied"] as const),
			};
		case "reshard": {
			const stream = scenario.topology === "direct" ? "table" : chance.pick(["table", "fan-out"] as const);
			return { kind: "reshard", stream, at, merge: stream === "fan-out" && chance.happens(0.5) };
		}
		case "poller":
			return { kind: "poller", function: name, at };
		case "twice": {
			const answer = chance.pick(["first", "second"] as const);
			return { kind: "twice", function: name, invocation: chance.integer(0, 6), delay: chance.integer(0, 50), answer };
		}
		case "throttle":
			return { kind: "throttle", function: name, from: at, to: at + drawThrottle(scenario, name, chance) };
		case "poison":
			return drawPoison(scenario, chance) ?? drawCalls(scenario, chance);
		case "skew":
			return {
				kind: "skew",
				function: name,
				...drawWindow(at, chance),
				by: chance.pick([-7_200_000, -60_000, 7_200_000, 7_200_000]),
			};
		case "backdated":
			return { kind: "backdated", ...drawWindow(at, chance), seconds: chance.pick([1, 120, 4000]) };
		case "recycle":
			return { kind: "recycle", function: name, at };
		case "change": {
			const consumer = chance.pick(scenario.consumers).name;
			return { kind: "change", consumer, at, when: drawCondition(chance), filterDelay: chance.integer(0, 60_000) };
		}
		default:
			return drawCalls(scenario, chance);
	}
}

const KINDS = [
	"kill",
	"kill",
	"reshard",
	"poller",
	"twice",
	"throttle",
	"poison",
	"skew",
	"backdated",
	"recycle",
	"change",
	"calls",
	"calls",
	"calls",
	"calls",
	"calls",
	"calls",
] as const;

const isDeployment = ({ kind }: Fault): boolean => kind === "change" || kind === "join" || kind === "leave";

function functionsOf({ topology, lake, consumers }: Subject): string[] {
	const own = topology === "kinesis" ? consumers.map(({ name }) => name) : [];
	return [...(lake ? ["lake"] : []), "router", ...own];
}

/** Mostly about when something is written: elsewhere most faults meet nothing. */
function drawTime({ writes }: Subject, chance: Chance): number {
	const near = chance.pick(writes).at + chance.integer(-1000, 1000);
	return chance.happens(0.8) ? Math.max(0, near) : chance.integer(0, SPAN);
}

function drawWindow(from: number, chance: Chance): { from: number; to: number } {
	return { from, to: from + chance.pick([2000, 20_000, 120_000]) };
}

/** Sometimes for longer than the table's stream remembers. */
function drawThrottle({ topology, consumers }: Subject, name: string, chance: Chance): number {
	const readsTable = topology === "direct" || consumers.every((consumer) => consumer.name !== name);
	return readsTable && chance.happens(0.2) ? 26 * HOURS : chance.pick([5000, 120_000]);
}

function drawPoison({ consumers, writes }: Subject, chance: Chance): Fault | null {
	const picky = consumers.filter(({ kind }) => kind !== "s3");
	if (picky.length === 0) return null;
	return { kind: "poison", consumer: chance.pick(picky).name, item: chance.pick(writes).item };
}

/** How calls to a target may go wrong. */
const HOW: Record<string, readonly CallFault[]> = {
	receiver: ["refused", "throttled", "lost", "late", "hangs", "slow"],
	kinesis: ["refused", "throttled", "lost", "late", "hangs", "slow", "partial"],
	lake: ["refused", "throttled", "lost", "late", "hangs", "slow"],
	operations: ["refused", "throttled", "lost", "late", "hangs", "slow"],
	state: ["refused", "throttled", "lost", "late", "hangs", "slow", "partial"],
};

function drawCalls(scenario: Subject, chance: Chance): Fault {
	const receivers = scenario.consumers.map(({ name }): Target => `receiver:${name}`);
	const targets: Target[] = [
		...receivers,
		...receivers,
		"operations",
		"state",
		...(scenario.lake ? ["lake" as const] : []),
		...(scenario.topology === "kinesis" ? ["kinesis" as const, "kinesis" as const] : []),
	];
	const target = chance.pick(targets);
	const consumer = scenario.consumers.find(({ name }) => target === `receiver:${name}`);
	const how = [
		...(HOW[target.split(":")[0] ?? ""] ?? []),
		...(consumer?.kind === "lambda" ? ["partial" as const] : []),
	];
	const share = chance.pick([0.2, 0.5, 1]);
	return { kind: "calls", target, how: chance.pick(how), share, ...drawWindow(drawTime(scenario, chance), chance) };
}
