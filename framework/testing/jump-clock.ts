import type { Clock } from "../local/clock.ts";

export interface JumpClock extends Clock {
	/** Moves on by so many minutes at once, calling back what falls due on the way, in its order. */
	jump(minutes: number): void;
}

/** Longer waits end by a jump alone. */
const LONGEST_REAL = 60_000;

/** The system's clock, but for what waits for longer than a minute: schedules are jumped to, while retries and time-outs go on for real. */
export function jumpClock(): JumpClock {
	const waiting = new Set<{ at: number; callback: () => void }>();
	let ahead = 0;
	const now = (): number => Date.now() + ahead;
	return {
		now,
		after(milliseconds, callback) {
			if (milliseconds <= LONGEST_REAL) {
				const timer = setTimeout(callback, milliseconds);
				return () => clearTimeout(timer);
			}
			const timer = { at: now() + milliseconds, callback };
			waiting.add(timer);
			return () => void waiting.delete(timer);
		},
		jump(minutes) {
			ahead += minutes * 60_000;
			for (;;) {
				const [due] = [...waiting].filter(({ at }) => at <= now()).sort((one, other) => one.at - other.at);
				if (!due) return;
				waiting.delete(due);
				due.callback();
			}
		},
	};
}
