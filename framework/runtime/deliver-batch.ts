import { answerFrom } from "./answer.ts";
import type { Arrival } from "./arrival.ts";
import { makeChange } from "./change.ts";
import { runConsumer } from "./consumer-run.ts";
import type { Dependencies, Invocation, Process } from "./invocation.ts";
import type { Entry, Ledger } from "./ledger.ts";
import { describeError } from "./observer.ts";
import type { Progress } from "./state.ts";

/** Rows written at once. */
const WRITES_AT_ONCE = 16;

/** A row is worth keeping while its batch may come again; each attempt at it counts anew. Longer than a weekend's pause would only cost. */
const LEAST_LIFETIME_SECONDS = 2 * 24 * 3600;

/** Delivers a batch to each of the function's consumers, each at its own pace. */
export const deliverBatch: Process<Dependencies> = async (invocation) => {
	const { manifest, arrivals, deps } = invocation;
	try {
		const entries = arrivals.map((arrival) => entryOf(arrival, invocation));
		const keys = manifest.consumers.flatMap(({ name }) => arrivals.map(({ keyHash }) => ({ consumer: name, keyHash })));
		const states = await readStates(invocation, keys);
		if (states === null) return answerFrom(arrivals, () => false);
		const results = await Promise.all(
			manifest.consumers.map((consumer) => runConsumer(consumer, entries, states, invocation)),
		);
		const finished = (arrival: Arrival): boolean => results.every((result) => result.finished.has(arrival));
		await remember(results, arrivals.find((arrival) => !finished(arrival)) ?? null, deps);
		return answerFrom(arrivals, finished);
	} catch (error) {
		// Nothing may be acknowledged whose trouble was not written down.
		deps.observer.trouble(`The batch is not acknowledged: ${describeError(error)}`);
		return answerFrom(arrivals, () => false);
	}
};

function entryOf(arrival: Arrival, { manifest }: Invocation): Entry {
	const { environment, pipeline, table } = manifest;
	const { state } = arrival;
	const change =
		state.status === "ready"
			? makeChange(state.record, { environment, pipeline, region: state.record.awsRegion ?? "", keys: table.keys })
			: null;
	return { lane: arrival.keyHash, arrival, change };
}

async function readStates(
	{ manifest, arrivals, deps }: Invocation<Dependencies>,
	keys: { consumer: string; keyHash: string }[],
) {
	try {
		return await deps.state.read(keys);
	} catch (error) {
		const reason = `The state table does not answer: ${describeError(error)}`;
		deps.observer.trouble(reason);
		for (const { name } of manifest.consumers)
			for (const { eventID, time } of arrivals)
				deps.observer.delivery({
					consumer: name,
					eventID,
					outcome: "held",
					reason,
					payload: null,
					ageMilliseconds: deps.now() - time * 1000,
					refused: false,
				});
		return null;
	}
}

/** Writes down first failures, and what is done although it comes again with the lowest unfinished record. */
async function remember(results: readonly Ledger[], lowest: Arrival | null, { state }: Dependencies): Promise<void> {
	if (lowest === null) return;
	const rows = results.flatMap((result) => progressOf(result, lowest).map((row) => ({ ...row, result })));
	const work = rows.values();
	const writeNext = async (): Promise<void> => {
		for (const { keyHash, progress, result } of work) {
			const { name, budgetSeconds } = result.consumer;
			const lifetime = Math.max(LEAST_LIFETIME_SECONDS, 2 * budgetSeconds);
			await state.progress({ consumer: name, keyHash }, progress, lifetime);
		}
	};
	await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writeNext));
}

function progressOf(result: Ledger, lowest: Arrival): { keyHash: string; progress: Progress }[] {
	const rows = new Map<string, Progress>();
	const rowOf = (keyHash: string): Progress => {
		const row = rows.get(keyHash) ?? { quarantined: result.quarantines.has(keyHash) };
		rows.set(keyHash, row);
		return row;
	};
	for (const [keyHash, failure] of result.failures) rowOf(keyHash).failure = failure;
	for (const [keyHash, entries] of result.done) {
		const last = entries.at(-1);
		if (last?.change && last.arrival.sequenceNumber !== "" && last.arrival.position >= lowest.position)
			rowOf(keyHash).deliveredThrough = last.change.sequence;
	}
	return Array.from(rows, ([keyHash, progress]) => ({ keyHash, progress }));
}
