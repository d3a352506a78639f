import type { Stores } from "./place.ts";

/** Waits until so many records may go, at a rate a second; null = as fast as it goes. */
export function createPace(perSecond: number | null, { now, sleep }: Pick<Stores, "now" | "sleep">) {
	let free = now();
	return async (records: number): Promise<void> => {
		if (perSecond === null) return;
		const start = Math.max(free, now());
		free = start + (records / perSecond) * 1000;
		if (start > now()) await sleep(start - now());
	};
}
