import { mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { UsageError } from "./command.ts";
import { describeFull, isFull } from "./full-disk.ts";

export interface NewFile {
	path: string;
	text: string;
}

/** Writes files whole, all of them or none: what was there before stays until everything is on the disk. Throws UsageError for what the system refuses. */
export function writeFiles(files: readonly NewFile[], cwd: string): void {
	/** What to undo, last first. */
	const undo: (() => void)[] = [];
	let at = "";
	try {
		for (const { path, text } of files) {
			at = path;
			const made = mkdirSync(dirname(path), { recursive: true });
			if (made !== undefined) undo.push(() => removeFolders(dirname(path), made));
			undo.push(() => rmSync(`${path}.new`, { force: true }));
			writeFileSync(`${path}.new`, text);
		}
		for (const { path } of files) {
			at = path;
			renameSync(`${path}.new`, path);
		}
	} catch (error) {
		for (const step of undo.reverse()) step();
		const { code } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		const why = isFull(error) ? describeFull(error) : `The system answers ${code}.`;
		throw new UsageError(`${relative(cwd, at) || at} cannot be written. ${why} Nothing was changed.`);
	}
}

/** Folders that were made for it, from the innermost to the outermost. */
function removeFolders(from: string, to: string): void {
	for (let folder = from; ; folder = dirname(folder)) {
		try {
			rmdirSync(folder);
		} catch {
			// Somebody else put something there.
			return;
		}
		if (folder === to) return;
	}
}
