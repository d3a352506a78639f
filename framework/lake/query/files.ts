import { readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** A file of rows is ended at about this size: the query engine reads files side by side. */
const FILE_BYTES = 64 * 1024 * 1024;

/** How far files are written. */
export interface FilesMark {
	/** Of all of them. */
	bytes: number;
	/** Files begun, */
	files: number;
	/** and bytes in the last one; 0 when it is ended. */
	written: number;
}

/** Rows that were fetched before a stop are not there any more. */
export class StageGone extends Error {
	override readonly name = "StageGone";
}

const nameOf = (number: number): string => `${String(number).padStart(6, "0")}.ndjson`;

/** Files that are written one after another. Each write is waited for: what the disk refuses is an error of that write. */
export async function openFiles(folder: string, before: FilesMark | null) {
	const at: FilesMark = before ? { ...before } : { bytes: 0, files: 0, written: 0 };
	if (before) cutBack(folder, before);
	let file: FileHandle | null = null;
	const next = (): Promise<FileHandle> => {
		// One that was stopped in its middle goes on.
		if (at.written === 0) at.files += 1;
		return open(join(folder, nameOf(at.files - 1)), "a");
	};
	const end = async (): Promise<void> => {
		await file?.close();
		file = null;
	};
	return {
		mark: (): FilesMark => ({ ...at }),
		async append(bytes: Buffer): Promise<void> {
			file ??= await next();
			await file.appendFile(bytes);
			at.bytes += bytes.length;
			at.written += bytes.length;
			if (at.written < FILE_BYTES) return;
			await end();
			at.written = 0;
		},
		async close(): Promise<void> {
			// The engine's pattern has to meet a file, be it empty.
			if (at.files === 0) file = await next();
			await end();
		},
	};
}

/** Whoever is killed has written more than was noted: that is fetched again. */
function cutBack(folder: string, { bytes, files, written }: FilesMark): void {
	try {
		for (const name of readdirSync(folder)) if (name >= nameOf(files)) rmSync(join(folder, name), { recursive: true });
		if (written > 0) truncateSync(join(folder, nameOf(files - 1)), written);
		const there = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
		if (there === bytes) return;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
	}
	throw new StageGone(`What was fetched before, in ${folder}, is not there any more.`);
}
