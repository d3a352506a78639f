import { randomBytes } from "node:crypto";
import type { TimeRange } from "../../lake/range.ts";
import { JOURNAL_FORMAT_VERSION, type Journal, type JournalPlace } from "../../operations/replay/journal.ts";
import { type Arguments, type ExitCode, type Io, UsageError } from "../command.ts";
import { runID } from "../operations.ts";
import { parseRange } from "../time-range.ts";

/** Whether a replay did not end, or left live events held. */
export const isLeft = ({ state, paused }: Journal): boolean => state !== "done" || paused.length > 0;

/** A journal to begin with, or that of the interrupted replay; null when there is nothing left to do of it. */
export function openJournal(
	place: JournalPlace,
	known: Journal | null,
	args: Arguments,
	resumes: boolean,
	io: Io,
): Journal | null {
	if (resumes) {
		if (known === null) throw new UsageError(`There is no replay of ${place.name} to go on with.`);
		if (isLeft(known)) return known;
		tellDone(known, io);
		return null;
	}
	const now = Date.now();
	const { from, to } = untilNow(parseRange(args, now), now);
	return {
		formatVersion: JOURNAL_FORMAT_VERSION,
		replayId: runID("replay", now, randomBytes(4).toString("hex")),
		from,
		to,
		where: args.option("where") ?? null,
		newIds: args.flag("new-ids"),
		state: "running",
		through: null,
		done: [],
		counts: { delivered: 0, skipped: 0, rejected: 0, unreadable: 0 },
		paused: known?.paused ?? [],
		updatedAt: new Date(now).toISOString(),
	};
}

/** An end that was not given is the time of the start. `now` in epoch milliseconds. */
export function untilNow({ from, to }: TimeRange, now: number): TimeRange {
	return { from, to: Number.isFinite(to) ? to : Math.floor(now / 1000) + 1 };
}

export function tellDone({ replayId }: Journal, io: Io): ExitCode {
	io.stderr(`The replay ${replayId} is done: there is nothing to go on with.\n`);
	return 1;
}

/** A replay, and the one before it. */
interface Left {
	left: Journal | null;
	journal: Journal;
	journalPlace: JournalPlace;
}

/** What becomes of the replay before this one. */
export function tellLeft({ left, journal, journalPlace }: Left, io: Io): void {
	if (left === null) return;
	if (left.replayId !== journal.replayId && left.state !== "done")
		io.stderr(`The replay ${left.replayId} of ${journalPlace.name} was not finished; it is given up for this one.\n`);
	if (left.paused.length > 0)
		io.stderr(`It left ${describeMappings(left)} disabled: live events are held until this one ends.\n`);
}

const describeMappings = ({ paused }: Journal): string =>
	`the mapping${paused.length === 1 ? "" : "s"} ${paused.join(", ")}`;

/** What a replay holds that runs, or that was killed: nobody else can tell which. */
export function describePaused(left: Journal): string {
	if (left.paused.length === 0) return "";
	return `The replay ${left.replayId} has disabled ${describeMappings(left)}: live events are held. If it was killed, --resume goes on and lets them flow again at its end.\n`;
}
