import {
	closeSync,
	existsSync,
	ftruncateSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { dirname } from "node:path";

const NEWLINE = 0x0a;

export interface AppendLog {
	/** Adds lines behind each other; all of them are with the operating system when it returns, or none. */
	append(lines: readonly string[]): void;
	close(): void;
}

interface AppendLogOptions {
	/** How many lines at the beginning may be forgotten. */
	obsolete?(lines: readonly string[]): number;
}

/**
 * Reads the lines of a log and opens it for more; null keeps nothing. What the operating system has survives a SIGKILL of this
 * process; a last line that was cut off is dropped, for nobody was told that it was written. Only its owner can read the file.
 */
export function openAppendLog(
	file: string | null,
	{ obsolete = () => 0 }: AppendLogOptions = {},
): { lines: string[]; log: AppendLog } {
	if (file === null) return { lines: [], log: { append() {}, close() {} } };
	const found = readWholeLines(file);
	const forgotten = obsolete(found.lines);
	const lines = found.lines.slice(forgotten);
	let size = forgotten > 0 ? rewrite(file, lines) : found.bytes;
	let descriptor: number | null = null;
	return {
		lines,
		log: {
			append(added) {
				descriptor ??= openForAppend(file);
				size = appendAt(descriptor, size, asBytes(added));
			},
			close() {
				if (descriptor !== null) closeSync(descriptor);
				descriptor = null;
			},
		},
	};
}

function asBytes(lines: readonly string[]): Buffer {
	return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}

/** Answers the new size. */
function rewrite(file: string, lines: readonly string[]): number {
	const bytes = asBytes(lines);
	writeFileSync(`${file}.new`, bytes, { mode: 0o600 });
	renameSync(`${file}.new`, file);
	return bytes.length;
}

function readWholeLines(file: string): { lines: string[]; bytes: number } {
	if (!existsSync(file)) return { lines: [], bytes: 0 };
	const content = readFileSync(file);
	const bytes = content.lastIndexOf(NEWLINE) + 1;
	if (bytes < content.length) truncateSync(file, bytes);
	// Lines are decoded one by one: a whole log may be longer than the longest string.
	const lines: string[] = [];
	for (let start = 0; start < bytes; ) {
		const end = content.indexOf(NEWLINE, start);
		lines.push(content.toString("utf8", start, end));
		start = end + 1;
	}
	return { lines, bytes };
}

function openForAppend(file: string): number {
	mkdirSync(dirname(file), { recursive: true });
	return openSync(file, "a", 0o600);
}

/** Answers the new size. A write that fails half-way (a full disk) is taken back. */
function appendAt(descriptor: number, size: number, bytes: Buffer): number {
	try {
		for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
	} catch (error) {
		ftruncateSync(descriptor, size);
		throw error;
	}
	return size + bytes.length;
}
