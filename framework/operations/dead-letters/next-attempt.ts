import type { RedrivePolicy } from "../../contract/redrive.ts";
import type { ItemState, RedriveNote } from "../quarantine.ts";

/** The wait doubles with each attempt, up to so many times the first one. */
const LONGEST_WAIT = 16;

/** When an item is redriven by itself, and why not. */
export type NextAttempt =
	| { status: "due"; attempts: number }
	/** An ISO time. */
	| { status: "waiting"; attempts: number; at: string }
	/** It stays for a person. */
	| { status: "given-up"; attempts: number; why: "rejected" | "unreadable" | "attempts" };

/** What an item in quarantine waits for. A record that got no further since has its attempts counted; the next one begins anew. */
export function nextAttempt(state: ItemState, policy: RedrivePolicy, now: number): NextAttempt {
	const { redrive: note, quarantine } = state;
	const through = state.redrivenThrough > state.droppedThrough ? state.redrivenThrough : state.droppedThrough;
	if (note === null || note.sequence <= through) {
		const isHead = quarantine !== null && quarantine.sequence > through;
		return isHead && quarantine.refused
			? { status: "given-up", attempts: 0, why: "rejected" }
			: { status: "due", attempts: 0 };
	}
	const { attempts, lastAt, outcome } = note;
	if (isGivenUp(note, policy))
		return { status: "given-up", attempts, why: outcome === "failed" ? "attempts" : outcome };
	const minutes = policy.everyMinutes * Math.min(LONGEST_WAIT, 2 ** (attempts - 1));
	const at = lastAt + minutes * 60_000;
	// Looks come at their own times: one that is early by less than half a turn is the one that was meant.
	return at - policy.everyMinutes * 30_000 <= now
		? { status: "due", attempts }
		: { status: "waiting", attempts, at: new Date(at).toISOString() };
}

/** Whether a record stays for a person after such an attempt. */
export function isGivenUp({ outcome, attempts }: RedriveNote, { maxAttempts }: RedrivePolicy): boolean {
	return outcome !== "failed" || attempts >= maxAttempts;
}
