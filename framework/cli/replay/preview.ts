import { countRecords } from "../../lake/list.ts";
import { readRuns } from "../../lake/read-records.ts";
import type { LakeRecord } from "../../lake/record.ts";
import { doneBefore } from "../../operations/replay/journal.ts";
import { count } from "../../plan/words.ts";
import type { ExitCode, Io } from "../command.ts";
import { createProgress } from "../progress.ts";
import { openCourse } from "../unfinished/course.ts";
import type { Unfinished } from "../unfinished/unfinished.ts";
import { describePaused } from "./open-journal.ts";
import type { Job } from "./prepare.ts";

/** What a dry run that was stopped had counted; the items' hashes are lines beside it. */
export interface Counted {
	records: number;
	unreadable: number;
}

const LABEL = "records read";

/** Counts what a replay would send, or what an interrupted one has still to send: `unfinished` is null then. */
export async function preview(job: Job, unfinished: Unfinished<Counted> | null, io: Io): Promise<ExitCode> {
	if (job.left) io.stderr(describePaused(job.left));
	const { changeOf, isSelected } = job.options;
	const sums = { records: 0, unreadable: 0, ...unfinished?.left?.note.state };
	const items = new Set(unfinished?.left?.lines);
	const add = (run: readonly LakeRecord[]): void => {
		for (const record of run.filter(isSelected)) {
			const change = changeOf(record);
			if (change === null) sums.unreadable += 1;
			else items.add(change.keyHash);
			sums.records += change === null ? 0 : 1;
		}
	};
	const isWhole = await (unfinished
		? countAll(job, unfinished, io, add, () => ({ state: sums, lines: items }))
		: countLeft(job, io, add));
	if (!isWhole) return 1;
	io.stdout(`${count(sums.records, "record")} of ${count(items.size, "item")} would be sent.\n`);
	if (sums.unreadable > 0)
		io.stdout(`${count(sums.unreadable, "record")} that no consumer can be given would be left out.\n`);
	return 0;
}

/** Whether it came to the end: how to go on from a stop is said. */
async function countAll(
	{ options: { lake } }: Job,
	unfinished: Unfinished<Counted>,
	io: Io,
	add: (run: readonly LakeRecord[]) => void,
	keep: () => { state: Counted; lines: Iterable<string> },
): Promise<boolean> {
	const course = await openCourse(unfinished, lake, io, { label: LABEL });
	for await (const run of course.read({}, keep)) add(run);
	if (course.stopped()) return false;
	course.finish();
	return true;
}

/** The same of an interrupted replay. It begins anew after a stop: meanwhile the replay may have gone on. */
async function countLeft(
	{ journal, options: { lake } }: Job,
	io: Io,
	add: (run: readonly LakeRecord[]) => void,
): Promise<boolean> {
	const isDone = doneBefore(journal);
	const bar = createProgress(io, { label: LABEL, total: await countRecords(lake, journal, io.signal) });
	let read = 0;
	try {
		for await (const run of readRuns(lake, journal)) {
			add(run.filter((record) => !isDone(record)));
			read += run.length;
			bar.advance(read);
			if (io.signal.aborted) break;
		}
	} finally {
		bar.end();
	}
	if (io.signal.aborted) io.stderr("Stopped: nothing was sent, and the interrupted replay is as it was.\n");
	return !io.signal.aborted;
}
