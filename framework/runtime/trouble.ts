import type { Dependencies, Invocation } from "./invocation.ts";
import type { Entry, Ledger } from "./ledger.ts";
import { describeError } from "./observer.ts";
import { type Failure, type KeyState, type StateKey, stateName } from "./state.ts";

/*
 * Consumers that share a function share its batches: what one cannot take holds the others back. A budget an item would let a consumer that
 * is down do so for its length in every batch anew. So there the consumer as a whole has the budget too: it runs from the first of
 * invocations that all had failures of it, and ends with the first that had none.
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
export function troubleSince(consumer: string, states: ReadonlyMap<string, KeyState>): number | null {
	const since = states.get(stateName(troubleKey(consumer)))?.failure;
	return since && since.attempts > 0 ? since.firstFailedAt : null;
}

/** Whether a consumer that others wait for has been failing for longer than its budget. */
export function hasUsedUp({ consumer, troubleSince }: Ledger, now: number): boolean {
	return troubleSince !== null && now >= troubleSince + consumer.budgetSeconds * 1000;
}

/** A record whose delivery would show that the consumer is back: one that can be delivered, and is the next of its item. */
export function probeOf({ quarantines }: Ledger, entries: readonly Entry[]): Entry | undefined {
	const seen = new Set<string>();
	return entries.find(({ lane, change }) => {
		const isNext = !seen.has(lane);
		seen.add(lane);
		return isNext && change !== null && !quarantines.has(lane);
	});
}

/** Writes down where trouble began and where it ended. That fails without harm: a budget then begins later, or ends earlier. */
export async function rememberTrouble(
	results: readonly Ledger[],
	states: ReadonlyMap<string, KeyState>,
	invocation: Invocation<Dependencies>,
): Promise<void> {
	const { state, observer } = invocation.deps;
	for (const { consumer, failures, gaveUp, done } of results) {
		const key = troubleKey(consumer.name);
		const isFailing = failures.size > 0 || gaveUp;
		if (isFailing === (troubleSince(consumer.name, states) !== null) || (!isFailing && done.size === 0)) continue;
		const began = Math.min(
			...Array.from(failures.values(), ({ firstFailedAt }) => firstFailedAt),
			invocation.deps.now(),
		);
		const failure: Failure = { eventID: "", firstFailedAt: began, attempts: isFailing ? 1 : 0, notBefore: 0 };
		try {
			const before = states.get(stateName(key)) ?? {};
			await state.progress(key, { failure, before, quarantined: false }, REMEMBERED_SECONDS);
		} catch (error) {
			observer.trouble(`The trouble of ${consumer.name} cannot be written down: ${describeError(error)}`);
		}
	}
}
