import type { LakeError } from "./lake-error.ts";
import type { LakeHour, LakeObject } from "./list.ts";
import { createObjectQueue } from "./object-queue.ts";
import type { LakePlace } from "./place.ts";
import type { TimeRange } from "./range.ts";
import { compareRecords, type LakeRecord } from "./record.ts";

export interface ReadOptions {
	/** Called for an object that cannot be read, which is then passed over; without it the reading ends with the error. */
	onBroken?: (error: LakeError) => void;
	/** Called for each hour that has objects, before they are read. */
	onHour?: (hour: LakeHour) => void;
	/** Called for each object as it is opened, with its records in the order of its lines. */
	onObject?: (partition: string, object: LakeObject, records: readonly LakeRecord[]) => void;
}

/** Records of an open object, from `next` on still to be given out. */
interface Cursor {
	records: LakeRecord[];
	next: number;
}

/**
 * The records of a range in the order of their stream (label, then sequence number), one for each eventID, in runs.
 * So each item's records come in their order. Memory holds the objects that overlap where the reading is, whatever the lake's size.
 */
export async function* readRuns(
	place: LakePlace,
	range: TimeRange,
	options: ReadOptions = {},
): AsyncGenerator<LakeRecord[]> {
	const queue = createObjectQueue(place, range, options);
	let open: Cursor[] = [];
	const once = createOnce();
	for (;;) {
		// An object is opened when the reading comes to its first record: not later, and not much earlier.
		for (;;) {
			const least = leastOf(open);
			const next = await queue.peek();
			if (!next || (least && compareRecords(headOf(least), next) < 0)) break;
			const records = await queue.open();
			if (records.length > 0) open.push({ records, next: 0 });
		}
		const cursor = leastOf(open);
		if (!cursor) return;
		const others = open.filter((each) => each !== cursor).map(headOf);
		const waiting = await queue.peek();
		const end = endOfRun(cursor, waiting ? [...others, waiting] : others);
		const run = cursor.records.slice(cursor.next, end).filter((record) => isWithin(record, range) && once(record));
		cursor.next = end;
		if (cursor.next === cursor.records.length) open = open.filter((each) => each !== cursor);
		if (run.length > 0) yield run;
	}
}

const isWithin = ({ time }: LakeRecord, { from, to }: TimeRange): boolean => time >= from && time < to;

function headOf({ records, next }: Cursor): LakeRecord {
	const record = records[next];
	if (!record) throw new Error("an open object has no record left");
	return record;
}

function leastOf(open: readonly Cursor[]): Cursor | undefined {
	let least = open[0];
	for (const cursor of open) if (least && compareRecords(headOf(cursor), headOf(least)) < 0) least = cursor;
	return least;
}

/** Where the cursor's records stop being before everything else; at least one belongs to the run. */
function endOfRun({ records, next }: Cursor, others: readonly Position[]): number {
	let end = next + 1;
	while (end < records.length) {
		const record = records[end];
		if (!record || others.some((other) => compareRecords(record, other) >= 0)) break;
		end += 1;
	}
	return end;
}

type Position = Pick<LakeRecord, "label" | "sequence">;

/** Repeats of a record stand beside it in the order: what came at the same place is all that needs to be remembered. */
function createOnce(): (record: LakeRecord) => boolean {
	let at: Position = { label: "", sequence: "" };
	let seen = new Set<string>();
	return (record) => {
		if (compareRecords(record, at) !== 0) {
			at = record;
			seen = new Set();
		}
		if (seen.has(record.eventID)) return false;
		seen.add(record.eventID);
		return true;
	};
}
