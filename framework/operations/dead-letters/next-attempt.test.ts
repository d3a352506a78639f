import { expect, test } from "vitest";
import type { Quarantine } from "../../runtime/state.ts";
import type { ItemState, RedriveNote } from "../quarantine.ts";
import { nextAttempt } from "./next-attempt.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2026-11-24T12:00:00Z");
const policy = { everyMinutes: 15, maxAttempts: 20 };
const parked: Quarantine = {
	...{ eventID: "e1", sequence: "s/1", reason: "the receiver answered 503" },
	...{ firstFailedAt: 0, attempts: 4, refused: false },
};
const stateOf = (wish: Partial<ItemState>): ItemState => ({
	...{ keyHash: "k", quarantine: parked, parkedThrough: "s/3", redrivenThrough: "", droppedThrough: "" },
	...{ deliveredThrough: "", redrive: null, row: {}, ...wish },
});
const noted = (attempts: number, wish: Partial<RedriveNote> = {}): RedriveNote => ({
	...{ sequence: "s/1", attempts, lastAt: NOW, outcome: "failed", ...wish },
});
const statusAt = (redrive: RedriveNote | null, minutes: number): string =>
	nextAttempt(stateOf({ redrive }), policy, NOW + minutes * MINUTE).status;

test("what could not be taken is due at once, what was refused is not", () => {
	expect(nextAttempt(stateOf({}), policy, NOW)).toEqual({ status: "due", attempts: 0 });
	const refused = stateOf({ quarantine: { ...parked, refused: true } });
	expect(nextAttempt(refused, policy, NOW)).toEqual({ status: "given-up", attempts: 0, why: "rejected" });
});

test("the wait doubles with each attempt, up to 16 times the first one", () => {
	const waits = [1, 2, 3, 4, 5, 6, 19].map((attempts) => {
		const next = nextAttempt(stateOf({ redrive: noted(attempts) }), policy, NOW);
		return next.status === "waiting" ? (Date.parse(next.at) - NOW) / MINUTE : next.status;
	});
	expect(waits).toEqual([15, 30, 60, 120, 240, 240, 240]);
});

test("a look that comes a little early is the one that was meant", () => {
	expect([statusAt(noted(1), 7), statusAt(noted(1), 14), statusAt(noted(2), 15), statusAt(noted(2), 29)]).toEqual([
		"waiting",
		"due",
		"waiting",
		"due",
	]);
});

test("after the last attempt it stays, until more are allowed", () => {
	const state = stateOf({ redrive: noted(20) });
	expect(nextAttempt(state, policy, NOW + 9999 * MINUTE)).toEqual({
		status: "given-up",
		attempts: 20,
		why: "attempts",
	});
	expect(nextAttempt(state, { ...policy, maxAttempts: 21 }, NOW + 9999 * MINUTE).status).toBe("due");
	for (const outcome of ["rejected", "unreadable"] as const)
		expect(nextAttempt(stateOf({ redrive: noted(1, { outcome }) }), policy, NOW + 9999 * MINUTE)).toMatchObject({
			status: "given-up",
			why: outcome,
		});
});

test("behind a record that got through, or was dropped, the count begins anew", () => {
	for (const through of [{ redrivenThrough: "s/1" }, { droppedThrough: "s/1" }]) {
		const quarantine = { ...parked, refused: true };
		const state = stateOf({ ...through, quarantine, redrive: noted(20) });
		expect(nextAttempt(state, policy, NOW)).toEqual({ status: "due", attempts: 0 });
	}
});
