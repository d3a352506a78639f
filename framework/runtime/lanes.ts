/** Where a lane goes on after a record: to the next one, nowhere, or to the parking. */
export type Verdict = "on" | "stop" | "park";

/** What the scheduler asks of its user. None of it may throw. */
export interface LaneRules<Entry, Result> {
	/** Most records of one call, and most calls at once. */
	maxRecords: number;
	concurrency: number;
	mayStart(): boolean;
	/** Whether the lane's records are delivered, or parked from the first on. */
	opens(first: Entry): Exclude<Verdict, "stop">;
	/** One result per entry, in order. */
	deliver(entries: readonly Entry[]): Promise<Result[]>;
	/** Makes what a call answered final; at once, if there is nothing to wait for. */
	settle(entry: Entry, result: Result): Verdict | Promise<Verdict>;
	/** Parks a record behind another of its lane; false stops the lane. */
	park(entry: Entry): Promise<boolean>;
	/** The record was not attempted. */
	hold(entry: Entry, why: "stopped" | "time"): void;
}

interface Lane {
	verdict: Verdict;
	/** A call or a parking of it is under way. */
	busy: boolean;
}

/** An entry on its way. Tickets lead to all that is asked of an entry without a look into a map. */
interface Ticket<Entry> {
	entry: Entry;
	lane: Lane;
	taken: boolean;
	/** The next of its lane. */
	next: Ticket<Entry> | null;
}

/**
 * Works off entries, each in the lane of its item. A lane is in at most one call at once and ends at its first stop;
 * lanes go on independently. Entries come in the order of the batch, and calls are filled in it.
 */
export async function runLanes<Entry extends { lane: string }, Result>(
	entries: readonly Entry[],
	rules: LaneRules<Entry, Result>,
): Promise<void> {
	const tickets = ticketsOf(entries, rules);
	const pick = createPicker(tickets, rules.maxRecords);
	const running = new Set<Promise<void>>();
	for (;;) {
		while (running.size < rules.concurrency && rules.mayStart()) {
			const job = pick();
			if (job.length === 0) break;
			const run = runJob(job, rules).finally(() => running.delete(run));
			running.add(run);
		}
		if (running.size === 0) break;
		await Promise.race(running);
	}
	for (const { entry, lane, taken } of tickets) if (!taken && lane.verdict !== "stop") rules.hold(entry, "time");
}

function ticketsOf<Entry extends { lane: string }, Result>(
	entries: readonly Entry[],
	rules: LaneRules<Entry, Result>,
): Ticket<Entry>[] {
	const lasts = new Map<string, Ticket<Entry>>();
	return entries.map((entry) => {
		const before = lasts.get(entry.lane);
		const lane = before?.lane ?? { verdict: rules.opens(entry), busy: false };
		const ticket: Ticket<Entry> = { entry, lane, taken: false, next: null };
		if (before) before.next = ticket;
		lasts.set(entry.lane, ticket);
		return ticket;
	});
}

/** Takes the next job in the order of the batch: the first records of free lanes, or one lane that is to be parked. */
function createPicker<Entry>(tickets: readonly Ticket<Entry>[], maxRecords: number) {
	let first = 0;
	return (): Ticket<Entry>[] => {
		const job: Ticket<Entry>[] = [];
		for (let index = first; index < tickets.length && job.length < maxRecords; index++) {
			const ticket = tickets[index] as Ticket<Entry>;
			const { lane } = ticket;
			const gone = ticket.taken || lane.verdict === "stop";
			if (gone && index === first) first += 1;
			if (gone || lane.busy || (lane.verdict === "park" && job.length > 0)) continue;
			ticket.taken = true;
			job.push(ticket);
			if (lane.verdict === "park") break;
		}
		for (const { lane } of job) lane.busy = true;
		return job;
	};
}

async function runJob<Entry extends { lane: string }, Result>(
	job: readonly Ticket<Entry>[],
	rules: LaneRules<Entry, Result>,
): Promise<void> {
	const parking = job.every(({ lane }) => lane.verdict === "park");
	const results = parking ? [] : await rules.deliver(job.map(({ entry }) => entry));
	for (let index = 0; index < job.length; index++) {
		const { entry, lane } = job[index] as Ticket<Entry>;
		if (lane.verdict === "stop") rules.hold(entry, "stopped");
		else if (lane.verdict === "park") lane.verdict = (await rules.park(entry)) ? "park" : "stop";
		else {
			const verdict = rules.settle(entry, results[index] as Result);
			lane.verdict = typeof verdict === "string" ? verdict : await verdict;
		}
	}
	for (const { lane, next } of job) {
		lane.busy = false;
		// Of a lane's records in the job, the last has what was not taken behind it.
		if (lane.verdict === "stop" && next?.taken === false) holdFrom(next, rules);
	}
}

function holdFrom<Entry, Result>(first: Ticket<Entry>, rules: LaneRules<Entry, Result>): void {
	for (let ticket: Ticket<Entry> | null = first; ticket !== null; ticket = ticket.next)
		rules.hold(ticket.entry, "stopped");
}
