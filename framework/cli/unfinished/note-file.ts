import { createHash, type Hash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Bookmark } from "../../lake/bookmark.ts";

/** To be raised with any change of what a note holds, a command's own state included. */
export const NOTE_FORMAT_VERSION = 1;

/** How far a reading came, and what was made of it: a local file. */
export interface Note<State> {
	formatVersion: typeof NOTE_FORMAT_VERSION;
	/** As it was given: `lake stat orders --from 7d`. */
	command: string;
	/** Epoch milliseconds of the first start. */
	startedAt: number;
	/** Of the records' own time, epoch seconds; null = no end. */
	range: { from: number; to: number | null };
	/** Records given out, or what else a command counts. */
	records: number;
	bookmark: Bookmark | null;
	state: State;
	/** A folder that goes with it. */
	folder: string | null;
	/** The process that goes on reading; null = it was stopped. */
	pid: number | null;
}

/** The file is no note that this version can read; the message says why. */
export class NoteUnreadable extends Error {
	override readonly name = "NoteUnreadable";
}

const PART_BYTES = 1024 * 1024;

/** Writes a note whole or not at all: the note, lines of its own, and a last line by which it is known to be whole. Only its owner may read it. */
export function writeNote<State>(path: string, note: Note<State>, lines: Iterable<string>): void {
	const own = `${path}.${process.pid}.new`;
	mkdirSync(dirname(path), { recursive: true });
	try {
		writeLines(own, note, lines);
		renameSync(own, path);
	} catch (error) {
		rmSync(own, { force: true });
		throw error;
	}
}

function writeLines(path: string, note: object, lines: Iterable<string>): void {
	const file = openSync(path, "w", 0o600);
	const hash = createHash("sha256");
	try {
		let part = `${JSON.stringify(note)}\n`;
		for (const line of lines) {
			part += `${line}\n`;
			if (part.length < PART_BYTES) continue;
			writePart(file, part, hash);
			part = "";
		}
		writePart(file, part, hash);
		writeSync(file, `${hash.digest("hex")}\n`);
	} finally {
		closeSync(file);
	}
}

function writePart(file: number, part: string, hash: Hash): void {
	const bytes = Buffer.from(part);
	hash.update(bytes);
	for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** null if there is none. Throws NoteUnreadable. */
export function readNote<State>(path: string): { note: Note<State>; lines: string[] } | null {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ENOTDIR") return null;
		throw new NoteUnreadable(`cannot be read: the system answers ${code}`);
	}
	const end = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
	const sum = createHash("sha256").update(bytes.subarray(0, end)).digest("hex");
	if (bytes.subarray(end).toString() !== `${sum}\n`) throw new NoteUnreadable("is damaged");
	const [first = "", ...lines] = bytes.toString("utf8", 0, end - 1).split("\n");
	const note: Note<State> = JSON.parse(first);
	if (note.formatVersion !== NOTE_FORMAT_VERSION) throw new NoteUnreadable("is of another version of the tool");
	return { note, lines };
}
