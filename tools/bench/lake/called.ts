import { setTimeout as sleep } from "node:timers/promises";
import { REPLAY_SOURCE } from "../../../framework/contract/replay.ts";
import type { LocalFunction } from "../../../framework/local/functions/invocation.ts";

interface Event {
	source?: string;
	replayId?: string;
	records?: { eventID: string; dynamodb: { Keys: object; SequenceNumber: string } }[];
}

/** The function that is called: it does nothing, and looks whether a replay gives it each item's records in their order, each once. */
export interface Called {
	function: LocalFunction;
	/** Records that came before an earlier one of their item, or again. */
	disorder: number;
	/** Seconds that it takes for each record of a replay. */
	slowness: number;
}

export function createCalled(): Called {
	/** Last sequence number of each item of a replay. */
	const last = new Map<string, string>();
	let replayId: string | undefined;
	let free = 0;
	const meet = ({ dynamodb: { Keys, SequenceNumber } }: NonNullable<Event["records"]>[number]): void => {
		const item = JSON.stringify(Keys);
		if ((last.get(item) ?? "") >= SequenceNumber) called.disorder += 1;
		last.set(item, SequenceNumber);
	};
	const answer = async (event: Event): Promise<object> => {
		if (event.source !== REPLAY_SOURCE) return { batchItemFailures: [] };
		if (event.replayId !== replayId) last.clear();
		replayId = event.replayId;
		const records = event.records ?? [];
		for (const record of records) meet(record);
		// One after another, however many calls there are at once.
		free = Math.max(free, performance.now()) + records.length * called.slowness * 1000;
		if (called.slowness > 0) await sleep(free - performance.now());
		const outcomes = records.map(({ eventID }) => ({ eventID, outcome: "delivered", reason: null }));
		return { batchItemFailures: [], outcomes };
	};
	const called: Called = {
		disorder: 0,
		slowness: 0,
		function: {
			invoke: async (event) => ({ requestId: "bench", status: "answered", response: await answer(JSON.parse(event)) }),
			async close() {},
		},
	};
	return called;
}
