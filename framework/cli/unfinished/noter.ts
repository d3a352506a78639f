import { rmSync } from "node:fs";
import type { Bookmark } from "../../lake/bookmark.ts";
import type { Kept } from "../../lake/read.ts";
import { describeFull, isFull } from "../full-disk.ts";
import { NOTE_FORMAT_VERSION, writeNote } from "./note-file.ts";
import type { Unfinished } from "./unfinished.ts";

/** Milliseconds between two notes at least, */
const NOTE_EVERY = 2000;
/** and times as long as it takes to write one: they cost 2 % at most. */
const NOTE_SHARE = 50;

/** Notes how far a reading came. A note that cannot be written does not end the reading. */
export interface Noter<State> {
	/** Whether it is time for another note. */
	isDue(): boolean;
	note(records: number, bookmark: Bookmark | null, kept: Kept<State>, isLast: boolean): void;
	isNoted(): boolean;
	/** What to do with what is noted, for whoever's command did not come to its end. */
	wayOn(): string;
	remove(): void;
}

export function createNoter<State>({ path, command, startedAt, range, left }: Unfinished<State>): Noter<State> {
	const until = { from: range.from, to: Number.isFinite(range.to) ? range.to : null };
	const same = { formatVersion: NOTE_FORMAT_VERSION, command, startedAt, range: until } as const;
	let isNoted = left !== null;
	let failure: string | null = null;
	let next = Date.now() + NOTE_EVERY;
	return {
		isDue: () => Date.now() >= next,
		isNoted: () => isNoted,
		note(records, bookmark, { state, lines = [], folder }, isLast) {
			const began = Date.now();
			try {
				writeNote(
					path,
					{ ...same, records, bookmark, state, folder: folder ?? null, pid: isLast ? null : process.pid },
					lines,
				);
				isNoted = true;
				failure = null;
			} catch (error) {
				failure = isFull(error) ? describeFull(error) : (error as Error).message;
			}
			next = Date.now() + Math.max(NOTE_EVERY, NOTE_SHARE * (Date.now() - began));
		},
		wayOn() {
			if (failure === null) return isNoted ? "The same command with --resume goes on there." : "";
			const where = isNoted ? "--resume goes on from the note before" : "there is no going on";
			return `How far it came could not be noted, so ${where}: ${failure}`;
		},
		remove() {
			if (isNoted) rmSync(path, { force: true });
		},
	};
}
