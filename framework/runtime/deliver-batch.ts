import { answerFrom } from "./answer.ts";
import type { Arrival } from "./arrival.ts";
import { eachAtOnce } from "./at-once.ts";
import { Redeemed } from "./claim-check.ts";
import { type Owed, runConsumer } from "./consumer-run.ts";
import type { Dependencies, Invocation, Process } from "./invocation.ts";
import { keepShape } from "./kept-shapes.ts";
import type { Entry, Ledger } from "./ledger.ts";
import { describeError } from "./observer.ts";
import { type Common, OwedRecord } from "./owed-record.ts";
import { forReplay } from "./replay.ts";
import { imagesFor, selectArrivals } from "./selection.ts";
import type { KeyState, Progress, StateKey } from "./state.ts";
import { rememberTrouble, sharesBatches, troubleKey } from "./trouble.ts";

/** Rows written at once. */
const WRITES_AT_ONCE = 16;

/** Delivers a batch to each of the function's consumers, each at its own pace. */
export const deliverBatch: Process<Dependencies> = async (given) => {
	const invocation = given.replay ? forReplay(given, given.replay) : given;
	const { arrivals, deps } = invocation;
	try {
		const owed = oweEach(invocation);
		keepShape("entry", owed[0]?.entries[0]);
		const states = await readStates(owed, invocation);
		if (states === null) return answerFrom(arrivals, () => false);
		const results = await Promise.all(owed.map((each) => runConsumer(each, states, invocation)));
		const open = results.filter(({ unfinished }) => unfinished.size > 0);
		const isOpen = (arrival: Arrival): boolean => open.some(({ unfinished }) => unfinished.has(arrival));
		const finished = open.length === 0 ? () => true : (arrival: Arrival) => !isOpen(arrival);
		if (sharesBatches(invocation)) await rememberTrouble(results, states, invocation);
		await remember(results, arrivals.find((arrival) => !finished(arrival)) ?? null, deps);
		return answerFrom(arrivals, finished);
	} catch (error) {
		// Nothing may be acknowledged whose trouble was not written down.
		deps.observer.trouble(`The batch is not acknowledged: ${describeError(error)}`);
		return answerFrom(arrivals, () => false);
	}
};

const NONE: readonly Arrival[] = [];

function oweEach({ manifest, arrivals, deps, replay }: Invocation<Dependencies>): Owed[] {
	const isShared = manifest.consumers.length > 1;
	const makers = {
		new: entryMaker({ manifest, replay, images: "new" }, isShared),
		both: entryMaker({ manifest, replay, images: "both" }, isShared),
	};
	const redeemed = arrivals.filter((arrival) => arrival instanceof Redeemed);
	return manifest.consumers.map((consumer) => {
		const selected = selectArrivals(consumer, arrivals, deps.observer);
		return {
			consumer,
			entries: selected.map(makers[imagesFor(consumer, deps.deliverers)]),
			dismissed: redeemed.length === 0 ? NONE : redeemed.filter((arrival) => !selected.includes(arrival)),
		};
	});
}

/** Consumers share the entries: a record that several want is made ready once. */
function entryMaker(common: Common, isShared: boolean): (arrival: Arrival) => Entry {
	const make = (arrival: Arrival): Entry => new OwedRecord(arrival, common);
	if (!isShared) return make;
	const made = new Map<Arrival, Entry>();
	return (arrival) => {
		const entry = made.get(arrival) ?? make(arrival);
		made.set(arrival, entry);
		return entry;
	};
}

/** What is remembered of the owed records' items; null when the table does not answer. */
async function readStates(owed: readonly Owed[], invocation: Invocation<Dependencies>) {
	const { state, observer, now } = invocation.deps;
	if (owed.every(({ entries, dismissed }) => entries.length + dismissed.length === 0))
		return new Map<string, KeyState>();
	try {
		return await state.read(stateKeys(owed, sharesBatches(invocation)));
	} catch (error) {
		const reason = `The state table does not answer: ${describeError(error)}`;
		observer.trouble(reason);
		for (const { consumer, entries } of owed)
			for (const { arrival } of entries)
				observer.delivery({
					consumer: consumer.name,
					eventID: arrival.eventID,
					outcome: "held",
					reason,
					payload: null,
					ageMilliseconds: now() - arrival.time * 1000,
					refused: false,
				});
		return null;
	}
}

function* stateKeys(owed: readonly Owed[], isShared: boolean): Generator<StateKey> {
	for (const { consumer, entries, dismissed } of owed) {
		for (const some of [entries, dismissed]) for (const { keyHash } of some) yield { consumer: consumer.name, keyHash };
		if (isShared && entries.length > 0) yield troubleKey(consumer.name);
	}
}

/** Writes down first failures, and what is done although it comes again with the lowest unfinished record. */
async function remember(results: readonly Ledger[], lowest: Arrival | null, { state }: Dependencies): Promise<void> {
	if (lowest === null) return;
	const rows = results.flatMap((result) => progressOf(result, lowest).map((row) => ({ ...row, result })));
	await eachAtOnce(rows, WRITES_AT_ONCE, ({ keyHash, progress, result: { consumer, lifetimeSeconds } }) =>
		state.progress({ consumer: consumer.name, keyHash }, progress, lifetimeSeconds),
	);
}

function progressOf(result: Ledger, lowest: Arrival): { keyHash: string; progress: Progress }[] {
	const rows = new Map<string, Progress>();
	const rowOf = (keyHash: string): Progress => {
		const row = rows.get(keyHash) ?? {
			before: result.before({ keyHash }),
			quarantined: result.quarantines.has(keyHash),
		};
		rows.set(keyHash, row);
		return row;
	};
	for (const [keyHash, failure] of result.failures) rowOf(keyHash).failure = failure;
	// What nobody can name brings the whole batch back.
	const from = lowest.identifier === null ? 0 : lowest.position;
	for (const [keyHash, entries] of result.done()) {
		if ((entries.at(-1)?.arrival.position ?? -1) < from) continue;
		const through = furthest(entries, result.before({ keyHash }).deliveredThrough ?? "");
		if (through !== "") rowOf(keyHash).deliveredThrough = through;
	}
	return Array.from(rows, ([keyHash, progress]) => ({ keyHash, progress }));
}

/** The last place that is done. It may not be that of the last entry: a writer that was interrupted repeats earlier ones. */
function furthest(entries: readonly Entry[], before: string): string {
	return entries.reduce((through, { change, arrival }) => {
		const sequence = arrival.sequenceNumber === "" ? "" : (change?.sequence ?? "");
		return sequence > through ? sequence : through;
	}, before);
}
