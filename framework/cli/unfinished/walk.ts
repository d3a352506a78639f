import type { Kept } from "../../lake/read.ts";
import { count } from "../../plan/words.ts";
import type { Io } from "../command.ts";
import type { Progress } from "../progress.ts";
import { createNoter } from "./noter.ts";
import type { Unfinished } from "./unfinished.ts";

/** A command's way through what needs no bookmark, since one name says how far it came: noted, and gone on with. */
export interface Walk<State> {
	/** So many are behind. What was made of them is asked for when it is time to note it, and at an end that is not the last one. */
	advance(done: number, keep: () => Kept<State>): void;
	/** All of it is done: there is nothing to go on with. */
	finish(): void;
	/** It ends before that, stopped or on an error: how far it came is noted, and said. */
	leave(how: "stopped" | "failed"): void;
}

/** `unit`: what is counted. */
export function openWalk<State>(unfinished: Unfinished<State>, bar: Progress, io: Io, unit: string): Walk<State> {
	const noter = createNoter(unfinished);
	let behind = unfinished.left?.note.records ?? 0;
	let keep: (() => Kept<State>) | null = null;
	return {
		advance(done, kept) {
			// Behind a stop lies what is read again, and was counted.
			behind = Math.max(behind, done);
			keep = kept;
			bar.advance(behind);
			if (noter.isDue()) noter.note(behind, null, kept(), false);
		},
		finish() {
			bar.end();
			noter.remove();
		},
		leave(how) {
			bar.end();
			if (keep) noter.note(behind, null, keep(), true);
			const said = how === "stopped" ? "Stopped" : "It failed";
			io.stderr(`${[`${said} after ${count(behind, unit)}.`, noter.wayOn()].join(" ").trimEnd()}\n`);
		},
	};
}
