import type { LakeRecord } from "./record.ts";

/** A place in the order of the stream. */
export type Position = Pick<LakeRecord, "label" | "sequence">;

/**
 * How far a reading of a lake came, as JSON: another reading of the same range goes on there, and gives what the first would have given.
 * It names each object of the few hours that were being read, so that nothing depends on the order being without exceptions, and so that an object that
 * came meanwhile is known as such.
 */
export interface Bookmark {
	/** From the first hour with objects that are not wholly given out, to the last hour that was listed. */
	hours: { partition: string; done: string[]; waiting: string[] }[];
	/** Objects given out in part, as they were opened, by their keys below the lake's prefix; `next` is the index of the first record to come. */
	open: { key: string; next: number }[];
	/** Labels of the streams met. */
	labels: string[];
	/** By such a key, labels of waiting objects where they are not the last of those. */
	otherLabels: Record<string, string>;
	/** The last record given out, and the eventIDs given out at its place. */
	at: Position;
	seen: string[];
	/** The furthest place given out: that of the last record, but where clocks of shards differ by hours. */
	furthest: Position;
}
