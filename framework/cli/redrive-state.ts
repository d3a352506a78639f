import { type NextAttempt, nextAttempt } from "../operations/dead-letters/next-attempt.ts";
import type { ConsumerPlace, Services } from "../operations/place.ts";
import { openQuarantines } from "../operations/quarantine.ts";
import { count } from "../plan/words.ts";

/** How the consumer's function will deal with an item by itself; null = it does not, or the item is in no quarantine. */
export async function readRedrive(
	place: ConsumerPlace,
	services: Services,
	keyHash: string,
): Promise<NextAttempt | null> {
	if (place.redrive === null) return null;
	const state = await openQuarantines(place, services).read(keyHash);
	return state.quarantine ? nextAttempt(state, place.redrive, services.now()) : null;
}

const GIVEN_UP = {
	rejected: "it was refused",
	unreadable: "its letter cannot be read",
	attempts: "that is as often as it may be",
} as const;

export function describeRedrive(next: NextAttempt): string {
	const tried = next.attempts === 0 ? "" : `redriven ${count(next.attempts, "time")} by itself, `;
	if (next.status === "due") return `${tried}due at the next look`;
	if (next.status === "waiting") return `${tried}next from ${next.at} on`;
	return `${tried}waits for \`pipeline dlq redrive\`: ${GIVEN_UP[next.why]}`;
}
