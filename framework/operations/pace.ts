import type { Stores } from "./place.ts";

/** How fast records may go. */
export interface Pace {
	/** Records that may go together: those of a second, one at least. */
	most: number;
	/** Waits until so many may go. */
	wait(records: number): Promise<void>;
}

/** `perSecond`: records; null = as fast as it goes. */
export function createPace(perSecond: number | null, { now, sleep }: Pick<Stores, "now" | "sleep">): Pace {
	let free = now();
	return {
		most: perSecond === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(perSecond)),
		async wait(records) {
			if (perSecond === null) return;
			const start = Math.max(free, now());
			free = start + (records / perSecond) * 1000;
			if (start > now()) await sleep(start - now());
		},
	};
}
