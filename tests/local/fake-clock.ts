import type { Clock } from "../../framework/local/clock.ts";

export interface FakeClock extends Clock {
	advance(milliseconds: number): void;
	/** Goes to the next timer and fires it; false if there is none. */
	advanceToNext(): boolean;
}

/** A clock that stands still until it is told to go on. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
	let now = start;
	let timers: { at: number; callback: () => void }[] = [];
	const next = (until: number) =>
		timers
			.filter(({ at }) => at <= until)
			.reduce<(typeof timers)[number] | null>((a, b) => (a && a.at <= b.at ? a : b), null);
	const fire = (timer: (typeof timers)[number]): void => {
		timers = timers.filter((other) => other !== timer);
		now = Math.max(now, timer.at);
		timer.callback();
	};
	return {
		now: () => now,
		after(milliseconds, callback) {
			const timer = { at: now + milliseconds, callback };
			timers.push(timer);
			return () => {
				timers = timers.filter((other) => other !== timer);
			};
		},
		advance(milliseconds) {
			const end = now + milliseconds;
			for (let timer = next(end); timer; timer = next(end)) fire(timer);
			now = end;
		},
		advanceToNext() {
			const timer = next(Number.POSITIVE_INFINITY);
			if (timer) fire(timer);
			return timer !== null;
		},
	};
}
