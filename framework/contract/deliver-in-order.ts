import type { Change } from "./change.ts";
import type { Outcome } from "./deliver.ts";

/** Sends some records at once and answers an outcome for each, in their order. */
export type Send = (changes: readonly Change[]) => Promise<Outcome[]>;

/** Of records behind one that was not delivered: they come back, or are parked behind it. */
export const HELD: Outcome = { status: "retry", reason: "held behind an earlier record of its item" };

/**
 * Sends groups one after another and answers an outcome for each record, group after group. A record whose item had a
 * `retry` or `reject` before is not sent: that is the order per item which `Deliverer` promises.
 */
export async function deliverInOrder(groups: readonly (readonly Change[])[], send: Send): Promise<Outcome[]> {
	const stopped = new Set<string>();
	const outcomes: Outcome[] = [];
	for (const group of groups) {
		const free = group.filter((change) => !stopped.has(change.keyHash));
		const answers = free.length === 0 ? [] : await send(free);
		let next = 0;
		for (const change of group) {
			const outcome = change === free[next] ? (answers[next++] ?? HELD) : HELD;
			if (outcome.status !== "delivered") stopped.add(change.keyHash);
			outcomes.push(outcome);
		}
	}
	return outcomes;
}
