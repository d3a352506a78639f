/** Where a lane goes on after a record: to the next one, nowhere, or to the parking. */
export type Verdict = "on" | "stop" | "park";

/** What the scheduler asks of its user. None of it may throw. */
export interface LaneRules<Entry, Result> {
	/** Most records of one call, and most calls at once. */
	maxRecords: number;
	concurrency: number;
	mayStart(): boolean;
	/** Whether the lane's records are delivered, or parked from the first on. */
	opens(lane: string): Exclude<Verdict, "stop">;
	/** One result per entry, in order. */
	deliver(entries: readonly Entry[]): Promise<Result[]>;
	/** Makes what a call answered final. */
	settle(entry: Entry, result: Result): Promise<Verdict>;
	/** Parks a record behind another of its lane; false stops the lane. */
	park(entry: Entry): Promise<boolean>;
	/** The record was not attempted. */
	hold(entry: Entry, why: "stopped" | "time"): void;
}

interface Lane<Entry> {
	verdict: Verdict;
	/** A call or a parking of it is under way. */
	busy: boolean;
	/** In the order of the batch, those not yet taken. */
	waiting: Entry[];
}

/**
 * Works off entries, each in the lane of its item. A lane is in at most one call at once and ends at its first stop;
 * lanes go on independently. Entries come in the order of the batch, and calls are filled in it.
 */
export async function runLanes<Entry extends { lane: string }, Result>(
	entries: readonly Entry[],
	rules: LaneRules<Entry, Result>,
): Promise<void> {
	const lanes = new Map<string, Lane<Entry>>();
	for (const [name, waiting] of Map.groupBy(entries, ({ lane }) => lane))
		lanes.set(name, { verdict: rules.opens(name), busy: false, waiting });
	const laneOf = (entry: Entry): Lane<Entry> => lanes.get(entry.lane) as Lane<Entry>;
	const pick = createPicker(entries, laneOf, rules.maxRecords);
	const running = new Set<Promise<void>>();
	for (;;) {
		while (running.size < rules.concurrency && rules.mayStart()) {
			const job = pick();
			if (job.length === 0) break;
			const run = runJob(job, laneOf, rules).finally(() => running.delete(run));
			running.add(run);
		}
		if (running.size === 0) break;
		await Promise.race(running);
	}
	for (const entry of entries) if (laneOf(entry).waiting[0] === entry) hold(laneOf(entry), rules, "time");
}

/** Takes the next job in the order of the batch: the first records of free lanes, or one lane that is to be parked. */
function createPicker<Entry>(entries: readonly Entry[], laneOf: (entry: Entry) => Lane<Entry>, maxRecords: number) {
	const taken = new Set<Entry>();
	let first = 0;
	return (): Entry[] => {
		const job: Entry[] = [];
		for (let index = first; index < entries.length && job.length < maxRecords; index++) {
			const entry = entries[index] as Entry;
			const lane = laneOf(entry);
			const gone = taken.has(entry) || lane.verdict === "stop";
			if (gone && index === first) first += 1;
			if (gone || lane.busy || (lane.verdict === "park" && job.length > 0)) continue;
			taken.add(entry);
			job.push(entry);
			if (lane.verdict === "park") break;
		}
		for (const entry of job) laneOf(entry).busy = true;
		return job;
	};
}

async function runJob<Entry extends { lane: string }, Result>(
	job: readonly Entry[],
	laneOf: (entry: Entry) => Lane<Entry>,
	rules: LaneRules<Entry, Result>,
): Promise<void> {
	for (const entry of job) laneOf(entry).waiting.shift();
	const parking = job.every((entry) => laneOf(entry).verdict === "park");
	const results = parking ? [] : await rules.deliver(job);
	for (const [index, entry] of job.entries()) {
		const lane = laneOf(entry);
		if (lane.verdict === "stop") rules.hold(entry, "stopped");
		else if (lane.verdict === "park") lane.verdict = (await rules.park(entry)) ? "park" : "stop";
		else lane.verdict = await rules.settle(entry, results[index] as Result);
	}
	for (const lane of new Set(job.map(laneOf))) {
		lane.busy = false;
		if (lane.verdict === "stop") hold(lane, rules, "stopped");
	}
}

function hold<Entry, Result>(lane: Lane<Entry>, rules: LaneRules<Entry, Result>, why: "stopped" | "time"): void {
	for (const entry of lane.waiting.splice(0)) rules.hold(entry, why);
}
