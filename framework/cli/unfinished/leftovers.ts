import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readNote } from "./note-file.ts";

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
		const goesWith = tryRead(path)?.folder ?? null;
		if (goesWith !== null) rmSync(goesWith, { recursive: true, force: true });
		rmSync(path, { force: true });
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
