import type { Bookmark, Position } from "./bookmark.ts";
import type { LakeError } from "./lake-error.ts";
import type { LakeHour, LakeObject } from "./list.ts";
import { createObjectQueue, type Opened } from "./object-queue.ts";
import type { LakePlace } from "./place.ts";
import type { TimeRange } from "./range.ts";
import { compareRecords, type LakeRecord } from "./record.ts";

export interface ReadOptions {
	/** Where an earlier reading of the same range stopped. null = the beginning. */
	from?: Bookmark | null;
	/** Called for an object that cannot be read, which is then passed over; without it the reading ends with the error. */
	onBroken?: (error: LakeError) => void;
	/** Called for each hour that has objects, before they are read. */
	onHour?: (hour: LakeHour) => void;
	/** Called for each object as it is opened, with its records in the order of its lines. */
	onObject?: (partition: string, object: LakeObject, records: readonly LakeRecord[]) => void;
	/**
	 * Called with those objects of an hour that came after the reading before had listed it. Their records beyond the furthest place given out
	 * are given; those before it are not, since nobody could tell them from repeats. Objects that came to hours before the bookmark's
	 * are not looked for: a reading never gives what is stored behind it.
	 */
	onLate?: (hour: LakeHour) => void;
}

/** A lake being read. */
export interface Reading {
	/** Records in the order of their stream (label, then sequence number), one for each eventID. So each item's records come in their order. */
	runs: AsyncGenerator<LakeRecord[]>;
	/** Where another reading goes on after the last run: it calls no `onHour` and no `onObject` a second time. null before the first run. */
	bookmark(): Bookmark | null;
}

/** An open object; its records from `next` on are still to be given out. */
interface Cursor extends Opened {
	next: number;
}

/** The records of a range from its beginning, or from where an earlier reading stopped. */
export function readRuns(place: LakePlace, range: TimeRange, options: ReadOptions = {}): AsyncGenerator<LakeRecord[]> {
	return openReading(place, range, options).runs;
}

/** Memory holds the objects that overlap where the reading is, whatever the lake's size. */
export function openReading(place: LakePlace, range: TimeRange, options: ReadOptions = {}): Reading {
	const { from = null } = options;
	const queue = createObjectQueue(place, range, options);
	const once = createOnce(from);
	const isNews = createNews(from);
	let open: Cursor[] = [];
	let furthest = from?.furthest ?? NOWHERE;
	let begun = false;

	async function* give(): AsyncGenerator<LakeRecord[]> {
		const places = new Map(from?.open.map(({ key, next }) => [key, next]));
		const before = (await queue.reopen()).map((each) => ({ ...each, next: places.get(each.held.key) ?? 0 }));
		for (const cursor of before) {
			if (cursor.next < cursor.records.length) open.push(cursor);
			else cursor.held.finish();
		}
		for (;;) {
			await openNext();
			const cursor = leastOf(open);
			if (!cursor) return;
			const others = open.filter((each) => each !== cursor).map(headOf);
			const waiting = await queue.peek();
			const end = endOfRun(cursor, waiting ? [...others, waiting] : others);
			const given = cursor.records.slice(cursor.next, end);
			cursor.next = end;
			if (end === cursor.records.length) close(cursor);
			const run = given.filter(
				(record) => isWithin(record, range) && (!cursor.held.late || isNews(record)) && once.meet(record),
			);
			const last = given.at(-1);
			if (last && compareRecords(last, furthest) > 0) furthest = { label: last.label, sequence: last.sequence };
			begun = true;
			if (run.length > 0) yield run;
		}
	}
	/** An object is opened when the reading comes to its first record: not later, and not much earlier. */
	async function openNext(): Promise<void> {
		for (;;) {
			const least = leastOf(open);
			const next = await queue.peek();
			if (!next || (least && compareRecords(headOf(least), next) < 0)) return;
			const opened = await queue.open();
			if (opened.records.length > 0) open.push({ ...opened, next: 0 });
		}
	}
	function close(cursor: Cursor): void {
		open = open.filter((each) => each !== cursor);
		cursor.held.finish();
	}
	return {
		runs: give(),
		bookmark: () =>
			begun
				? {
						...queue.mark(),
						open: open.map(({ held, next }) => ({ key: held.key, next })),
						...once.mark(),
						furthest,
					}
				: from,
	};
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

const NOWHERE: Position = { label: "", sequence: "" };

/** Repeats of a record stand beside it in the order: what came at the same place is all that needs to be remembered. */
function createOnce(from: Bookmark | null) {
	let at = from?.at ?? NOWHERE;
	let seen = new Set(from?.seen);
	return {
		meet(record: LakeRecord): boolean {
			if (compareRecords(record, at) !== 0) {
				at = record;
				seen = new Set();
			}
			if (seen.has(record.eventID)) return false;
			seen.add(record.eventID);
			return true;
		},
		mark: (): Pick<Bookmark, "at" | "seen"> => ({
			at: { label: at.label, sequence: at.sequence },
			seen: [...seen],
		}),
	};
}

/** Which records of an object that came late cannot have been given out before. */
function createNews(from: Bookmark | null): (record: Position) => boolean {
	if (from === null) return () => true;
	const { at, furthest } = from;
	// What was given out at a place is known of the last one only.
	const least = compareRecords(at, furthest) === 0 ? 0 : 1;
	return (record) => compareRecords(record, furthest) >= least;
}
