import type { TimeRange } from "../range.ts";
import type { LakeRecord } from "../record.ts";

/** What a witness says of a record. `time` in epoch seconds. */
export interface Witnessed {
	eventID: string;
	time: number;
}

/** Somebody beside the lake who knows each record. */
export interface RecordWitness {
	name: string;
	/** Of what it tells: another stream, or another log, is another witness. */
	identity: string;
	/** Of the records' own time, epoch seconds: what is older it may have forgotten. */
	from: number;
	/** What is younger the lake may not have stored yet. */
	settledBefore: number;
	/** Whether a record of the lake is one that it would know. */
	concerns(record: LakeRecord): boolean;
	/** Whether it is sure to have told all that it knows: then what it does not know is not. */
	exact: boolean;
	/** What it knows of a range, and perhaps more, in pages of any order. May be called again. */
	read(range: TimeRange): AsyncIterable<readonly Witnessed[]>;
}

/** What came of asking one. */
export interface Testimony {
	name: string;
	/** Epoch seconds: what of the range it can speak of. */
	from: number;
	to: number;
	/** Records that it knows of the range. */
	records: number;
	/** Of these, the lake does not hold so many, */
	missing: number;
	/** and of those that it should know it did not tell so many of the lake's. */
	unknown: number;
	/** Too young to be missed, and not there yet. */
	pending: number;
}
