import { createHash } from "node:crypto";
import { join } from "node:path";
import type { TimeRange } from "../../lake/range.ts";
import { count } from "../../plan/words.ts";
import { findProjectRoot } from "../../project/root.ts";
import { type Arguments, type Command, type CommandOption, type Io, UsageError } from "../command.ts";
import { parseRange } from "../time-range.ts";
import { isUnderWay, listNotes, removeNote, sweepNotes } from "./leftovers.ts";
import { type Note, NoteUnreadable, readNote } from "./note-file.ts";

/** Option of every command that reads a lake, or a backup, and can be stopped. */
export const RESUME_OPTION = {
	resume: { type: "boolean", help: "Go on where the same command was stopped, or killed" },
} as const satisfies Record<string, CommandOption>;

/** What a command reads, and where it begins. */
export interface Unfinished<State> {
	/** Of its note. */
	path: string;
	/** As it was given: a note says it. */
	command: string;
	/** Epoch milliseconds of the first start, from which ages count. */
	startedAt: number;
	range: TimeRange;
	/** What it goes on with; null = it begins. */
	left: Left<State> | null;
}

export interface Left<State> {
	note: Note<State>;
	lines: string[];
}

/** Options that say what is read and where, beside those that a command names. */
const ALWAYS = ["env", "data", "from", "to"];

/**
 * With `--resume`, finds what an interrupted run of the same command left; without it, begins. `options`: those that
 * change what is made of the records. An open end stays open: what came meanwhile is read as if the reading had taken longer.
 */
export function openUnfinished<State>(
	args: Arguments,
	io: Io,
	{ name, options: known }: Command,
	pipeline: string,
	options: readonly string[] = [],
): Unfinished<State> {
	const root = findProjectRoot(io.cwd);
	const folder = join(root, ".tributary", "unfinished");
	const given = [...ALWAYS, ...options].flatMap((option) => {
		if (known[option]?.type === "boolean") return args.flag(option) ? [`--${option}`] : [];
		return args.all(option).map((value) => `--${option} ${/^[\w.:/-]+$/.test(value) ? value : `'${value}'`}`);
	});
	const command = [name, pipeline, ...given].join(" ");
	const start = `${name.replaceAll(" ", "-")}-${pipeline}-`;
	const path = join(folder, `${start}${createHash("sha256").update(command).digest("hex").slice(0, 16)}.note`);
	const now = Date.now();
	sweepNotes(folder, now);
	if (!args.flag("resume")) return { path, command, startedAt: now, range: parseRange(args, now), left: null };
	const left = find<State>(path);
	if (left === null) throw new UsageError(describeNone(command, listNotes(folder, start)));
	if (isUnderWay(left.note))
		throw new UsageError(
			`The same command is under way, in process ${left.note.pid}. If that is another program by now, begin anew without --resume.`,
		);
	const { startedAt, range } = left.note;
	return { path, command, startedAt, range: { from: range.from, to: range.to ?? Number.POSITIVE_INFINITY }, left };
}

function find<State>(path: string): Left<State> | null {
	try {
		return readNote<State>(path);
	} catch (error) {
		if (!(error instanceof NoteUnreadable)) throw error;
		throw new UsageError(
			`The note ${path} ${error.message}: there is no going on with it. It stays as it is; without --resume the command begins anew, and gives it up.`,
		);
	}
}

function describeNone(command: string, others: readonly string[]): string {
	const hint = others.length === 0 ? "" : ` Other arguments must be the same, too; there is: ${others.join("; ")}.`;
	return `There is nothing to go on with: no \`${command}\` was stopped here.${hint}`;
}

/** Before a reading that begins anew: what an interrupted run of the same command left goes, which is said. */
export function giveUp({ path }: Unfinished<unknown>, io: Io, unit = "record"): void {
	try {
		const left = readNote(path);
		if (left === null) return;
		if (isUnderWay(left.note)) return;
		const read = count(left.note.records, unit);
		io.stderr(`What the same command had read before it was stopped, ${read}, is given up: it begins anew.\n`);
		removeNote(path, left.note);
	} catch (error) {
		if (!(error instanceof NoteUnreadable)) throw error;
		io.stderr(`The note of the same command ${error.message}. It is given up.\n`);
		removeNote(path, null);
	}
}
