import type { ReadOptions } from "./read-records.ts";
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
