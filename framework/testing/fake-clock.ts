import type { Clock } from "../local/clock.ts";

export interface FakeClock extends Clock {
	/** Moves on, calling back what falls due on the way, in its order. */
	advance(milliseconds: number): void;
}

/** A clock that stands still until told. */
export function fakeClock(now: number): FakeClock {
	const timers = new Set<{ at: number; callback: () => void }>();
	let time = now;
	const nextUntil = (end: number) => [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
	return {
		now: () => time,
		after(milliseconds, callback) {
			const timer = { at: time + milliseconds, callback };
			timers.add(timer);
			return () => void timers.delete(timer);
		},
		advance(milliseconds) {
			const end = time + milliseconds;
			for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
				timers.delete(timer);
				time = Math.max(time, timer.at);
				timer.callback();
			}
			time = end;
		},
	};
}
