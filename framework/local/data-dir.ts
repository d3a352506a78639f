import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineError } from "./engine-error.ts";

/** Tells a folder of ours from any other: nothing else is ever emptied. */
const MARKER = ".tributary-data";
const LOCK = "lock";
/** Where the run that holds the folder serves it. */
const ENDPOINT = "endpoint";

/** A folder that is held for one run. */
export interface DataDir {
	/** Removes what earlier runs left. */
	empty(): void;
	/** Lets it go. A folder that was made for this run and never used is removed. */
	release(): void;
}

/** Folders that runs of this process hold, by path. */
const held = new Set<string>();

/** Takes a folder for one run: creates it if need be, and holds off a second run. Nothing in it changes before `empty`. */
export function openDataDir(dir: string): DataDir {
	const made = createFolder(dir);
	const entries = readdirSync(dir);
	if (entries.length > 0 && !existsSync(join(dir, MARKER)))
		throw new EngineError(
			`${dir} holds files that are not from a local run. Give an empty or new folder with --data; this one stays as it is.`,
		);
	writeFileSync(join(dir, MARKER), "Files of a local run of `pipeline dev`. `--fresh` empties this folder.\n");
	const lock = join(dir, LOCK);
	takeLock(lock, dir);
	held.add(lock);
	// Of a run that was killed: nothing answers there.
	rmSync(join(dir, ENDPOINT), { force: true });
	return {
		empty() {
			for (const entry of readdirSync(dir))
				if (entry !== MARKER && entry !== LOCK) rmSync(join(dir, entry), { recursive: true, force: true });
		},
		release() {
			held.delete(lock);
			rmSync(lock, { force: true });
			if (made !== undefined) removeUnused(dir, made);
		},
	};
}

/** The answer is the outermost folder that had to be made; undefined if all were there. */
function createFolder(dir: string): string | undefined {
	try {
		return mkdirSync(dir, { recursive: true });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw new EngineError(`${dir} cannot be made a data folder: the system answers ${code}. Give another with --data.`);
	}
}

function removeUnused(dir: string, made: string): void {
	if (readdirSync(dir).some((entry) => entry !== MARKER)) return;
	rmSync(join(dir, MARKER));
	for (let folder = dir; readdirSync(folder).length === 0; folder = dirname(folder)) {
		rmdirSync(folder);
		if (folder === made) return;
	}
}

/** Tells other programs where a folder's run can be reached, for as long as it holds the folder. */
export function announceEndpoint(dir: string, url: string): () => void {
	const file = join(dir, ENDPOINT);
	writeFileSync(file, url);
	return () => rmSync(file, { force: true });
}

/** Where the run that holds the folder can be reached; null when nobody holds it, or whoever does is not ready yet. */
export function findEndpoint(dir: string): string | null {
	const lock = join(dir, LOCK);
	const file = join(dir, ENDPOINT);
	if (!existsSync(lock) || !existsSync(file) || !isHeld(lock, Number(readFileSync(lock, "utf8")))) return null;
	return readFileSync(file, "utf8");
}

/** Whether a folder has the data of a local run. */
export function isDataDir(dir: string): boolean {
	return existsSync(join(dir, MARKER));
}

function takeLock(file: string, dir: string): void {
	try {
		writeFileSync(file, String(process.pid), { flag: "wx" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		const holder = Number(readFileSync(file, "utf8"));
		if (isHeld(file, holder))
			throw new EngineError(
				`${dir} is in use by process ${holder}. Stop that run, or give this one a folder of its own with --data.`,
			);
		// Left behind by a run that was killed.
		rmSync(file, { force: true });
		takeLock(file, dir);
	}
}

/** Our own number may be that of a run that was killed: a container gives each run the same. */
function isHeld(lock: string, holder: number): boolean {
	return holder === process.pid ? held.has(lock) : isAlive(holder);
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
