import type { Bookmark } from "../../lake/bookmark.ts";
import { countRecords, type LakeHour } from "../../lake/list.ts";
import type { LakePlace } from "../../lake/place.ts";
import { isClosed, startOfPartition } from "../../lake/range.ts";
import type { Kept, Read } from "../../lake/read.ts";
import { openReading, type ReadOptions } from "../../lake/read-records.ts";
import type { LakeRecord } from "../../lake/record.ts";
import { count } from "../../plan/words.ts";
import type { Io } from "../command.ts";
import { createProgress, type Progress } from "../progress.ts";
import { createNoter } from "./noter.ts";
import { giveUp, type Unfinished } from "./unfinished.ts";

export interface CourseOptions {
	/** `records read`, after the numbers of the bar. null = no bar: what is printed would stand between. */
	label: string | null;
	/** Begin at once, and count meanwhile what there is: for a command that may end long before the range does. */
	atOnce?: boolean;
}

/** A command's reading of a lake, with a bar, that can be stopped and gone on with. */
export interface Course<State> {
	read: Read<State>;
	/** Whether it was stopped: that was said, and how to go on. */
	stopped(): boolean;
	/** Says the same of a stop before or after the reading. */
	interrupt(): void;
	/** Whether there is something to go on with. */
	isKept(): boolean;
	/** All of it is done: there is nothing to go on with. */
	finish(): void;
}

export async function openCourse<State>(
	unfinished: Unfinished<State>,
	place: LakePlace,
	io: Io,
	options: CourseOptions,
): Promise<Course<State>> {
	const { startedAt, range, left } = unfinished;
	if (left === null) giveUp(unfinished, io);
	const noter = createNoter(unfinished);
	let records = left?.note.records ?? 0;
	let stopped = false;
	const bar = await openBar(place, unfinished, io, options, () => records);

	async function* read(callbacks: Omit<ReadOptions, "from">, keep: () => Kept<State>): AsyncGenerator<LakeRecord[]> {
		const from = left?.note.bookmark ?? null;
		if (from) bar.say(describeOpen(from, startedAt));
		const onLate = (hour: LakeHour): void => {
			callbacks.onLate?.(hour);
			bar.say(describeLate(hour.partition, hour.objects.length));
		};
		const reading = openReading(place, range, { ...callbacks, from, onLate });
		try {
			for await (const run of reading.runs) {
				yield run;
				records += run.length;
				bar.advance(records);
				stopped = io.signal.aborted;
				if (stopped || noter.isDue()) noter.note(records, reading.bookmark(), keep(), stopped);
				if (stopped) break;
			}
		} catch (error) {
			const wayOn = noter.wayOn();
			if (wayOn !== "") bar.say(`${wayOn}\n`);
			throw error;
		} finally {
			bar.end();
			if (stopped) tellStop();
		}
	}
	const tellStop = (): void =>
		io.stderr(`${[`Stopped after ${count(records, "record")}.`, noter.wayOn()].join(" ").trimEnd()}
`);
	return {
		read,
		stopped: () => stopped,
		interrupt() {
			if (!stopped) tellStop();
		},
		isKept: noter.isNoted,
		finish: noter.remove,
	};
}

async function openBar<State>(
	place: LakePlace,
	{ range }: Pick<Unfinished<State>, "range">,
	io: Io,
	{ label, atOnce = false }: CourseOptions,
	before: () => number,
): Promise<Progress> {
	let bar: Progress = { advance() {}, say: (text) => io.stderr(text), end() {} };
	if (label === null) return bar;
	const enough = new AbortController();
	const counted = countRecords(place, range, AbortSignal.any([enough.signal, io.signal])).then((total) => {
		if (!enough.signal.aborted) bar = createProgress(io, { label, total, before: before() });
	});
	// What the lake's reading meets as well is told there.
	if (atOnce) counted.catch(() => {});
	else await counted;
	return {
		advance: (done) => bar.advance(done),
		say: (text) => bar.say(text),
		end() {
			enough.abort();
			bar.end();
		},
	};
}

const describeLate = (partition: string, objects: number): string =>
	`${count(objects, "object")} came to ${partition} since it was listed. What lies there before where the reading stopped is left out: without --resume all of it is read.\n`;

/** Hours behind are not looked at again; empty if nothing can have come to them. */
function describeOpen({ hours }: Bookmark, startedAt: number): string {
	const first = hours[0]?.partition ?? "";
	const start = startOfPartition(first);
	return start === null || isClosed(start - 3600, startedAt / 1000)
		? ""
		: `Hours before ${first} could still be added to when they were read. What came to them since is left out: without --resume it is read.\n`;
}
