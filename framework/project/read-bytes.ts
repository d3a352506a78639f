import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { FILE_START } from "../definition/locate.ts";
import { DIAGNOSTIC_CODES } from "../diagnostics/codes.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** A file's bytes, or why there are none. With `most`, no more are read. */
export function readBytes(path: string, most?: number): Uint8Array | string {
	try {
		return most === undefined ? readFileSync(path) : readStart(path, most);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code ?? String(error);
	}
}

function readStart(path: string, most: number): Uint8Array {
	const file = openSync(path, "r");
	try {
		const bytes = new Uint8Array(most);
		return bytes.subarray(0, readSync(file, bytes, 0, most, 0));
	} finally {
		closeSync(file);
	}
}

export function describeUnreadable(file: string, reason: string): Diagnostic {
	return {
		code: "file-unreadable",
		...DIAGNOSTIC_CODES["file-unreadable"],
		file,
		...FILE_START,
		path: "",
		detail: `The system answers ${reason}.`,
		help: "Look at its permissions and at what it links to, or remove it.",
	};
}
