import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "./engine-error.ts";

/** Tells a folder of ours from any other: nothing else is ever emptied. */
const MARKER = ".tributary-data";
const LOCK = "lock";

/** Takes a folder for one run: creates or empties it, and holds off a second run. The answer lets it go. */
export function openDataDir(dir: string, fresh: boolean): () => void {
	mkdirSync(dir, { recursive: true });
	const entries = readdirSync(dir);
	if (entries.length > 0 && !existsSync(join(dir, MARKER)))
		throw new EngineError(
			`${dir} holds files that are not from a local run. Give an empty or new folder with --data; this one stays as it is.`,
		);
	writeFileSync(join(dir, MARKER), "Files of a local run of `pipeline dev`. `--fresh` empties this folder.\n");
	const lock = join(dir, LOCK);
	takeLock(lock, dir);
	if (fresh)
		for (const entry of readdirSync(dir))
			if (entry !== MARKER && entry !== LOCK) rmSync(join(dir, entry), { recursive: true, force: true });
	return () => rmSync(lock, { force: true });
}

function takeLock(file: string, dir: string): void {
	try {
		writeFileSync(file, String(process.pid), { flag: "wx" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		const holder = Number(readFileSync(file, "utf8"));
		if (isAlive(holder))
			throw new EngineError(
				`${dir} is in use by process ${holder}. Stop that run, or give this one a folder of its own with --data.`,
			);
		// Left behind by a run that was killed.
		rmSync(file, { force: true });
		takeLock(file, dir);
	}
}

function isAlive(pid: number): boolean {
	if (!Number.isSafeInteger(pid) || pid <= 0) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it lives, and belongs to someone else.
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
