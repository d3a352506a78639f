import { safeEventID } from "./arrival.ts";
import { DEAD_LETTER_FORMAT_VERSION, type DeadLetter } from "./dead-letters.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import type { Verdict } from "./lanes.ts";
import { type Entry, type Ledger, sequenceOfEntry } from "./ledger.ts";
import { describeError } from "./observer.ts";
import type { Failure, Quarantine } from "./state.ts";

/** Stops a record's lane until the record comes again. */
export function retryLater(ledger: Ledger, entry: Entry, failure: Failure, reason: string): Verdict {
	ledger.failures.set(entry.keyHash, failure);
	ledger.report(entry, "retry", { reason });
	return "stop";
}

/**
 * Gives a record up. The quarantine is written first: after a crash between the two the record comes again, finds its item in
 * quarantine and is parked without another attempt, and nothing of the item passes it. The other way round, a crash
 * would leave a letter of a record that is then delivered, and later ones with it: a redrive would show it after them.
 */
export async function giveUp(
	ledger: Ledger,
	entry: Entry,
	quarantine: Quarantine,
	invocation: Invocation<Dependencies>,
): Promise<Verdict> {
	const { state, observer } = invocation.deps;
	// A record without keys has its lane to itself: nothing can ever come behind it.
	if (entry.arrival.keyed)
		try {
			await state.quarantine({ consumer: ledger.consumer.name, keyHash: entry.keyHash }, quarantine);
		} catch (error) {
			observer.trouble(`The state table does not answer: ${describeError(error)}`);
			const reason = `It could not be put in quarantine: ${describeError(error)}`;
			return retryLater(ledger, entry, ledger.failureOf(entry), reason);
		}
	ledger.quarantines.set(entry.keyHash, quarantine);
	return (await park(ledger, entry, quarantine, quarantine.refused, invocation)) ? "park" : "stop";
}

/** Parks a record of an item in quarantine: behind the one that was given up, or as that very one, come again. */
export function parkBehind(ledger: Ledger, entry: Entry, invocation: Invocation<Dependencies>): Promise<boolean> {
	const quarantine = ledger.quarantines.get(entry.keyHash);
	if (!quarantine) throw new Error(`Item ${entry.keyHash} is not in quarantine.`);
	if (quarantine.eventID === entry.arrival.eventID) return park(ledger, entry, quarantine, false, invocation);
	const reason = `It is behind ${safeEventID(quarantine.eventID)}, which was parked: ${quarantine.reason}`;
	const cause = { reason, attempts: 0, firstFailedAt: invocation.deps.now() };
	return park(ledger, entry, cause, false, invocation);
}

type Cause = Pick<Quarantine, "reason" | "firstFailedAt" | "attempts">;

async function park(
	ledger: Ledger,
	entry: Entry,
	cause: Cause,
	refused: boolean,
	invocation: Invocation<Dependencies>,
): Promise<boolean> {
	if (!(await staysInQuarantine(ledger, entry, invocation))) return false;
	try {
		const letter = letterOf(ledger.consumer.name, entry, cause, invocation);
		await invocation.deps.deadLetters.park(letter, { keyHash: entry.keyHash, sequence: sequenceOfEntry(entry) });
	} catch (error) {
		retryLater(ledger, entry, ledger.failureOf(entry), `It could not be parked: ${describeError(error)}`);
		return false;
	}
	ledger.finish(entry);
	ledger.report(entry, "reject", { reason: cause.reason, refused });
	return true;
}

/**
 * Whether the item's quarantine will not be lifted before the record is parked. Otherwise the record comes again: a redrive
 * that is through would not see its letter, and later records would pass it.
 */
async function staysInQuarantine(
	ledger: Ledger,
	entry: Entry,
	{ deps: { state, observer } }: Invocation<Dependencies>,
): Promise<boolean> {
	if (!entry.arrival.keyed) return true;
	const retry = (reason: string) => retryLater(ledger, entry, ledger.failureOf(entry), reason);
	try {
		const key = { consumer: ledger.consumer.name, keyHash: entry.keyHash };
		if (await state.parking(key, sequenceOfEntry(entry))) return true;
		retry("Its item left quarantine meanwhile.");
	} catch (error) {
		observer.trouble(`The state table does not answer: ${describeError(error)}`);
		retry(`It could not be parked: ${describeError(error)}`);
	}
	return false;
}

function letterOf(
	consumer: string,
	{ arrival: { eventID, json, data } }: Entry,
	{ reason, attempts, firstFailedAt }: Cause,
	{ manifest, deps, replay }: Invocation<Dependencies>,
): DeadLetter {
	return {
		formatVersion: DEAD_LETTER_FORMAT_VERSION,
		pipeline: manifest.pipeline,
		consumer,
		eventID,
		reason,
		attempts,
		replayId: replay?.replayId ?? null,
		firstFailedAt: new Date(firstFailedAt).toISOString(),
		parkedAt: new Date(deps.now()).toISOString(),
		record: json === undefined ? { base64: Buffer.from(data).toString("base64") } : json,
	};
}
