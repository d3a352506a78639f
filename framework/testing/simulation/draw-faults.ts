import { drawCondition, ODD } from "./draw.ts";
import { type Chance, chanceOf } from "./random.ts";
import type { CallFault, Fault, Scenario, Target } from "./scenario.ts";

type Subject = Omit<Scenario, "faults">;

/** Faults begin within this time, in milliseconds. */
const SPAN = 60_000;

/** Until a receiver is mended, in milliseconds. */
const MUCH_LATER = [0, 10_000, 60_000] as const;

const HOURS = 3_600_000;

/** A few faults, of any kinds at once. */
export function drawFaults(scenario: Subject, chance: Chance): Fault[] {
	const faults = Array.from({ length: chance.integer(1, 5) }, () => drawFault(scenario, chance)).flat();
	const replay = drawReplay(scenario);
	if (replay) faults.push(replay);
	// One deployment a run: which version met a record would else be anybody's guess.
	return faults.filter((fault, index) => !isDeployment(fault) || faults.findIndex(isDeployment) === index);
}

function drawFault(scenario: Subject, chance: Chance): Fault | Fault[] {
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
			return drawPoison(scenario, at, chance) ?? drawCalls(scenario, chance);
		case "redrive":
			return drawRedrives(scenario, at, chance);
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
		case "foreign":
			return scenario.topology === "kinesis"
				? { kind: "foreign", at, what: chance.pick(["text", "bytes", "json", "list", "aggregate"] as const) }
				: drawCalls(scenario, chance);
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
	"foreign",
	"redrive",
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

/** Mostly about when something is written, something odd if there is any: elsewhere most faults meet nothing. */
function drawTime({ writes }: Subject, chance: Chance): number {
	const odd = writes.filter(({ shape }) => ODD.includes(shape));
	const met = odd.length > 0 && chance.happens(0.5) ? odd : writes;
	const near = chance.pick(met).at + chance.integer(-1000, 1000);
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

function drawReplay(scenario: Subject): Fault | null {
	const chance = chanceOf(scenario.seed, "replay");
	if (scenario.lake === null || !chance.happens(0.15)) return null;
	const at = drawTime(scenario, chance) + chance.pick([0, 5000, 60_000]);
	return { kind: "replay", consumer: chance.pick(scenario.consumers).name, at };
}

/** Something is parked, mostly; its cause is gone at about the time at which somebody redrives it, once or twice. */
function drawRedrives(scenario: Subject, at: number, chance: Chance): Fault[] {
	const { name } = chance.pick(scenario.consumers);
	const outage = { from: at, to: at + chance.pick([20_000, 120_000]) };
	const cause: Fault =
		(chance.happens(0.7) && drawPoison(scenario, at, chance)) ||
		({ kind: "calls", target: `receiver:${name}`, how: "refused", share: 1, ...outage } as const);
	const end = "until" in cause ? (cause.until ?? at) : outage.to;
	const consumer = "consumer" in cause ? cause.consumer : name;
	// While it redrives, the item's live records should come.
	const later = scenario.writes.filter(
		(write) => write.at > end && ("item" in cause ? write.item === cause.item : true),
	);
	return [
		cause,
		...Array.from({ length: chance.integer(1, 2) }, (): Fault => {
			const near = later.length > 0 && chance.happens(0.7);
			const time = near ? chance.pick(later).at : end + chance.pick([0, 500, 10_000, 60_000]);
			return { kind: "redrive", consumer, at: Math.max(at, time + chance.integer(-300, 700)) };
		}),
	];
}

function drawPoison({ consumers, writes }: Subject, at: number, chance: Chance) {
	const picky = consumers.filter(({ kind }) => kind !== "s3");
	if (picky.length === 0) return null;
	const until = chance.happens(0.5) ? at + chance.pick(MUCH_LATER) : null;
	return { kind: "poison", consumer: chance.pick(picky).name, item: chance.pick(writes).item, until } as const;
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
