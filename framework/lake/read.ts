import type { LakePlace } from "./place.ts";
import type { TimeRange } from "./range.ts";
import { type ReadOptions, readRuns } from "./read-records.ts";
import type { LakeRecord } from "./record.ts";

/** What was made of the records given out so far, as it is kept beside how far the reading came. */
export interface Kept<State> {
	/** JSON. */
	state: State;
	/** What is too much for one text: any number of lines, each without its end. */
	lines?: Iterable<string>;
	/** A folder that goes on to be used. */
	folder?: string;
}

/**
 * Reads a range, from its beginning or from where it was stopped before. `keep` is asked after each run that is worked off, when how far
 * the reading came is noted. Ends early when it is stopped.
 */
export type Read<State> = (options: Omit<ReadOptions, "from">, keep: () => Kept<State>) => AsyncIterable<LakeRecord[]>;

/** What an earlier reading that was stopped had kept. */
export interface Left<State> {
	state: State;
	lines: readonly string[];
}

/** Reads a range from its beginning, and keeps nothing. */
export function plainRead(place: LakePlace, range: TimeRange, signal: AbortSignal | undefined): Read<unknown> {
	return async function* (options) {
		for await (const run of readRuns(place, range, options)) {
			yield run;
			if (signal?.aborted) return;
		}
	};
}
