import { INVARIANTS } from "./facts.ts";
import type { Run } from "./run.ts";
import type { Fault } from "./scenario.ts";

/** Who takes records: the consumer kinds, and the two functions that every pipeline has. */
export const SUBJECTS = ["http", "lambda", "s3", "router", "lake"] as const;
type Subject = (typeof SUBJECTS)[number];

const HOURS = 3_600_000;

const isCall = (fault: Fault, ...how: string[]): boolean => fault.kind === "calls" && how.includes(fault.how);
const isOn = (fault: Fault, target: string): boolean => fault.kind === "calls" && fault.target === target;
const isReceiver = (fault: Fault): boolean => fault.kind === "calls" && fault.target.startsWith("receiver:");

/** The classes of faults, and which of the drawn ones are of each; a fault may be of two. */
export const CLASSES: Readonly<Record<string, (fault: Fault) => boolean>> = {
	"1 crash or time-out": (fault) => fault.kind === "kill" || isCall(fault, "hangs"),
	"2 answer lost": (fault) => isCall(fault, "lost", "late"),
	"3 partial success": (fault) => isCall(fault, "partial") && !isOn(fault, "state"),
	"4 resharding, expired iterators": ({ kind }) => kind === "reshard" || kind === "poller",
	"5 batches doubled or cut anew": ({ kind }) => kind === "twice" || kind === "poller",
	"6 throttling, brown-out": (fault) => fault.kind === "throttle" || isCall(fault, "throttled", "slow", "refused"),
	"7 poison": ({ kind }) => kind === "poison",
	"8 operations bucket down": (fault) => isOn(fault, "operations"),
	"9 S3 fails": (fault) => isOn(fault, "lake") || isReceiver(fault),
	"10 clocks and ages": (fault) =>
		fault.kind === "skew" ||
		fault.kind === "backdated" ||
		(fault.kind === "throttle" && fault.to - fault.from > 24 * HOURS),
	"11 containers": ({ kind }) => kind === "recycle",
	"12 deployment": ({ kind }) => kind === "change" || kind === "join" || kind === "leave",
	"13 state table": (fault) => isOn(fault, "state"),
	"14 foreign records": ({ kind }) => kind === "foreign",
	"15 redrives by hand": ({ kind }) => kind === "redrive",
	"16 replays by hand": ({ kind }) => kind === "replay",
};

/** Cells that nothing can exercise, and why. */
export const IMPOSSIBLE: Readonly<Record<string, string>> = {
	"3 partial success × http": "a request has one answer",
	"3 partial success × s3": "an object is there or not",
	"3 partial success × lake": "an object is there or not",
	"7 poison × s3": "S3 takes any content",
	"7 poison × router": "Kinesis takes any content up to its size, which claim checks see to",
	"7 poison × lake": "S3 takes any content",
	"8 operations bucket down × lake": "the lake writes nothing there",
	"9 S3 fails × http": "a webhook is not S3",
	"9 S3 fails × lambda": "a function is not S3",
	"9 S3 fails × router": "the router's claim checks lie in the operations bucket: class 8",
	"12 deployment × router": "a router that forwards has no condition and no consumers",
	"12 deployment × lake": "the lake has no condition and no consumers",
	"13 state table × router": "a router that forwards keeps no state",
	"13 state table × lake": "the lake keeps no state",
	"15 redrives by hand × router": "a router that forwards parks nothing",
	"15 redrives by hand × lake": "the lake parks nothing",
	"16 replays by hand × router": "a router that forwards takes no replay",
	"16 replays by hand × lake": "the lake takes no replay",
	"14 foreign records × router": "only the router writes to what others may write to",
	"14 foreign records × lake": "nobody writes to a table's stream",
};

/** All cells there are. */
export function allCells(): string[] {
	return Object.keys(CLASSES).flatMap((name) => [...INVARIANTS, ...SUBJECTS].map((other) => `${name} × ${other}`));
}

/** Cells that a run exercised: a fault of the class struck, and a record that it touched was judged. */
export function exercisedCells(run: Run): Set<string> {
	const { scenario, facts } = run;
	const cells = new Set<string>();
	for (const [index, fault] of scenario.faults.entries()) {
		const touched = facts.touched.get(index) ?? new Set<number>();
		const judgedBy = INVARIANTS.filter((one) => [...touched].some((id) => facts.judged.get(one)?.has(id)));
		if (judgedBy.length === 0) continue;
		const names = Object.keys(CLASSES).filter((name) => CLASSES[name]?.(fault));
		for (const name of names)
			for (const other of [...judgedBy, ...subjectsOf(run, fault, index)]) cells.add(`${name} × ${other}`);
	}
	for (const cell of Object.keys(IMPOSSIBLE)) cells.delete(cell);
	return cells;
}

/** Whose records a fault struck. */
function subjectsOf({ scenario, facts, world }: Run, fault: Fault, index: number): Subject[] {
	if (fault.kind === "calls" && isReceiver(fault))
		return [world.consumerNamed(fault.target.slice("receiver:".length)).kind];
	if ("consumer" in fault) return [world.consumerNamed(fault.consumer).kind];
	const functions = new Set("function" in fault ? [fault.function] : facts.struck.get(index));
	if (functions.size === 0)
		// It struck records, not a function: whoever was given one of them.
		for (const { function: name, truths } of facts.invocations)
			if (truths.some((id) => facts.touched.get(index)?.has(id))) functions.add(name);
	return [...functions].flatMap((name): Subject[] => {
		if (name === "lake") return ["lake"];
		if (name === "router" && scenario.topology === "kinesis") return ["router"];
		const served = world.plan.functions.find(({ id }) => id === name)?.consumers ?? [];
		return served.map((consumer) => world.consumerNamed(consumer).kind);
	});
}
