import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isStageFolder } from "../../lake/query/stage.ts";
import { type Note, readNote } from "./note-file.ts";

/** A note that nobody went on with for so long is given up, and what goes with it. */
const KEPT_DAYS = 7;

/** Commands of the notes whose names begin so. */
export function listNotes(folder: string, start: string): string[] {
	return namesIn(folder)
		.filter((name) => name.startsWith(start))
		.flatMap((name) => tryRead(join(folder, name))?.command ?? []);
}

export function sweepNotes(folder: string, now: number): void {
	for (const name of namesIn(folder)) {
		const path = join(folder, name);
		const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: now };
		if (mtimeMs > now - KEPT_DAYS * 86_400_000) continue;
		removeNote(path, tryRead(path));
	}
}

/** A note, and what goes with it. Whoever wrote it, no other folder is deleted. */
export function removeNote(path: string, note: Pick<Note<unknown>, "folder"> | null): void {
	const folder = note?.folder ?? null;
	if (folder !== null && isStageFolder(folder)) rmSync(folder, { recursive: true, force: true });
	rmSync(path, { force: true });
}

/** Whether another process goes on with it. A killed one left its number, which another program may have got since. */
export function isUnderWay({ pid }: Pick<Note<unknown>, "pid">): boolean {
	if (pid === null || pid === process.pid) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

function tryRead(path: string) {
	try {
		return readNote(path)?.note ?? null;
	} catch {
		return null;
	}
}
