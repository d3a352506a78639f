import type { Clock } from "./clock.ts";

export interface VirtualClock extends Clock {
	/** Moves on, calling back what falls due on the way, in its order. */
	advance(milliseconds: number): void;
	/** Goes to the next timer and fires it; false if there is none. */
	advanceToNext(): boolean;
}

/** A clock that stands still until told. @param now epoch milliseconds */
export function virtualClock(now = Date.UTC(2026, 0, 1)): VirtualClock {
	const timers = new Set<{ at: number; callback: () => void }>();
	let time = now;
	const nextUntil = (end: number) => [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
	const fire = (timer: { at: number; callback: () => void }): void => {
		timers.delete(timer);
		time = Math.max(time, timer.at);
		timer.callback();
	};
	return {
		now: () => time,
		after(milliseconds, callback) {
			const timer = { at: time + milliseconds, callback };
			timers.add(timer);
			return () => void timers.delete(timer);
		},
		advance(milliseconds) {
			const end = time + milliseconds;
			for (let timer = nextUntil(end); timer; timer = nextUntil(end)) fire(timer);
			time = end;
		},
		advanceToNext() {
			const timer = nextUntil(Number.POSITIVE_INFINITY);
			if (timer) fire(timer);
			return timer !== undefined;
		},
	};
}
