import { rmSync } from "node:fs";
import type { Bookmark } from "../../lake/bookmark.ts";
import { countRecords, type LakeHour } from "../../lake/list.ts";
import type { LakePlace } from "../../lake/place.ts";
import { isClosed, startOfPartition } from "../../lake/range.ts";
import type { Kept, Read } from "../../lake/read.ts";
import { openReading, type Reading, type ReadOptions } from "../../lake/read-records.ts";
import type { LakeRecord } from "../../lake/record.ts";
import { count } from "../../plan/words.ts";
import type { Io } from "../command.ts";
import { describeFull, isFull } from "../full-disk.ts";
import { createProgress, type Progress } from "../progress.ts";
import { NOTE_FORMAT_VERSION, writeNote } from "./note-file.ts";
import type { Unfinished } from "./unfinished.ts";

/** Milliseconds between two notes at least, */
const NOTE_EVERY = 2000;
/** and times as long as it takes to write one: they cost 2 % at most. */
const NOTE_SHARE = 50;

export interface CourseOptions {
	/** `records read`, after the numbers of the bar. */
	label: string;
	/** No bar: what is printed would stand between. */
	silent?: boolean;
}

/** A command's reading of a lake, with a bar, that can be stopped and gone on with. */
export interface Course<State> {
	read: Read<State>;
	/** Whether it was stopped: that was said, and how to go on. */
	stopped(): boolean;
	/** Says something beside the bar: a whole line. */
	say(text: string): void;
	/** All of it is done: there is nothing to go on with. */
	finish(): void;
}

export async function openCourse<State>(
	{ path, command, startedAt, range, left }: Unfinished<State>,
	place: LakePlace,
	io: Io,
	{ label, silent = false }: CourseOptions,
): Promise<Course<State>> {
	const total = await countRecords(place, range);
	let records = left?.note.records ?? 0;
	const progress = silent ? withoutBar(io) : createProgress(io, { label, total, before: records });
	let [noted, stopped, next] = [left !== null, false, Date.now() + NOTE_EVERY];
	let failure: string | null = null;
	const write = (reading: Reading, { state, lines = [], folder }: Kept<State>): void => {
		const began = Date.now();
		const until = { from: range.from, to: Number.isFinite(range.to) ? range.to : null };
		const at = { range: until, records, bookmark: reading.bookmark(), state, folder: folder ?? null };
		try {
			writeNote(path, { formatVersion: NOTE_FORMAT_VERSION, command, startedAt, ...at }, lines);
			noted = true;
			failure = null;
		} catch (error) {
			failure = isFull(error) ? describeFull(error) : (error as Error).message;
		}
		next = Date.now() + Math.max(NOTE_EVERY, NOTE_SHARE * (Date.now() - began));
	};
	async function* read(options: Omit<ReadOptions, "from">, keep: () => Kept<State>): AsyncGenerator<LakeRecord[]> {
		const from = left?.note.bookmark ?? null;
		tellOpen(from, startedAt, progress.say);
		const onLate = (hour: LakeHour): void => {
			options.onLate?.(hour);
			progress.say(describeLate(hour.partition, hour.objects.length));
		};
		const reading = openReading(place, range, { ...options, from, onLate });
		try {
			for await (const run of reading.runs) {
				yield run;
				records += run.length;
				progress.advance(records);
				stopped = io.signal.aborted;
				if (stopped || Date.now() >= next) write(reading, keep());
				if (stopped) break;
			}
		} catch (error) {
			if (noted) progress.say("The same command with --resume goes on from where it was noted last.\n");
			throw error;
		} finally {
			progress.end();
			if (stopped) io.stderr(describeStop(records, total, failure));
		}
	}
	return {
		read,
		stopped: () => stopped,
		say: progress.say,
		finish() {
			if (noted) rmSync(path, { force: true });
		},
	};
}

const describeStop = (records: number, total: number, failure: string | null): string =>
	failure === null
		? `Stopped after ${records} of ${total} records. The same command with --resume goes on there.\n`
		: `Stopped after ${records} of ${total} records. There is no going on: how far it came could not be noted. ${failure}\n`;

const describeLate = (partition: string, objects: number): string =>
	`${count(objects, "object")} came to ${partition} since it was listed. What lies there before where the reading stopped is left out: without --resume all of it is read.\n`;

/** Hours behind are not looked at again. */
function tellOpen(bookmark: Bookmark | null, startedAt: number, say: Progress["say"]): void {
	const first = bookmark?.hours[0]?.partition ?? "";
	const start = startOfPartition(first);
	if (start === null || isClosed(start - 3600, startedAt / 1000)) return;
	say(
		`Hours before ${first} could still be added to when they were read. What came to them since is left out: without --resume it is read.\n`,
	);
}

/** Only what is said. */
const withoutBar = (io: Io): Progress => ({ advance() {}, say: (text) => io.stderr(text), end() {} });
