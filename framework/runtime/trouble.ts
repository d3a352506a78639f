import type { ManifestConsumer } from "../contract/manifest.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import type { Entry, Ledger } from "./ledger.ts";
import { describeError } from "./observer.ts";
import { type Failure, type KeyState, type StateKey, stateName } from "./state.ts";

/*
 * Consumers that share a function share its batches: what one cannot take holds the others back. A budget an item would let a consumer that
 * is down do so for its length in every batch anew. So there the consumer as a whole has the budget too: it runs from the first failure of
 * a time in which no invocation passed without one, nor more time than the budget.
 */

/** Seconds for which trouble is worth remembering. */
const REMEMBERED_SECONDS = 2 * 24 * 3600;

/** No item's key hash. */
const WHOLE = "*";

export const troubleKey = (consumer: string): StateKey => ({ consumer, keyHash: WHOLE });

/** Whether others wait for what one of the function's consumers cannot take. */
export function sharesBatches({ manifest, replay }: Invocation): boolean {
	return replay === null && manifest.consumers.length > 1;
}

/** Since when a consumer has been failing, in epoch milliseconds; null when it is not, or has its function to itself. */
export function troubleSince(
	{ name, budgetSeconds }: ManifestConsumer,
	states: ReadonlyMap<string, KeyState>,
	now: number,
): number | null {
	const failure = states.get(stateName(troubleKey(name)))?.failure;
	if (failure?.lastFailedAt === undefined) return null;
	return now - failure.lastFailedAt <= budgetSeconds * 1000 ? failure.firstFailedAt : null;
}

/** Whether a consumer that others wait for has been failing for longer than its budget. */
export function hasUsedUp({ consumer, troubleSince }: Ledger, now: number): boolean {
	return troubleSince !== null && now >= troubleSince + consumer.budgetSeconds * 1000;
}

/** A record whose delivery would show that the consumer is back: one that can be delivered, and is the next of its item. */
export function probeOf({ quarantines }: Ledger, entries: readonly Entry[]): Entry | undefined {
	const seen = new Set<string>();
	return entries.find(({ lane, keyHash, change }) => {
		const isNext = !seen.has(lane);
		seen.add(lane);
		return isNext && change !== null && !quarantines.has(keyHash);
	});
}

/** Writes down that a consumer is failing, or no longer. That fails without harm: a budget then begins later, or ends earlier. */
export async function rememberTrouble(
	results: readonly Ledger[],
	states: ReadonlyMap<string, KeyState>,
	{ deps }: Invocation<Dependencies>,
): Promise<void> {
	for (const ledger of results) {
		const key = troubleKey(ledger.consumer.name);
		const before = states.get(stateName(key)) ?? {};
		const failure = troubleOf(ledger, deps.now());
		if (!failure) continue;
		try {
			await deps.state.progress(key, { failure, before, quarantined: false }, REMEMBERED_SECONDS);
		} catch (error) {
			deps.observer.trouble(`The trouble of ${key.consumer} cannot be written down: ${describeError(error)}`);
		}
	}
}

/** What is to be written; null when nothing has changed. */
function troubleOf({ shown: { failingSince, taking }, troubleSince }: Ledger, now: number): Failure | null {
	const none = { eventID: "", firstFailedAt: 0, attempts: 0, notBefore: 0 };
	if (failingSince === null) return troubleSince !== null && taking ? none : null;
	// Not since a record first failed: batches may have passed since. Nor since a time to come, which a clock that ran ahead has written.
	return { ...none, firstFailedAt: Math.min(troubleSince ?? failingSince, failingSince), lastFailedAt: now };
}
