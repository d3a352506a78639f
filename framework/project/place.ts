import { FILE_START, findNode, locate } from "../definition/locate.ts";
import { readSource } from "../definition/read.ts";
import { DIAGNOSTIC_CODES } from "../diagnostics/codes.ts";
import { type Diagnostic, type DocumentPath, formatPath, type PathDiagnostic } from "../diagnostics/diagnostic.ts";

export interface TextFile {
	/** As users shall see it in messages. */
	file: string;
	text: string;
}

/** Whether there is anything at a path of a file. */
export function hasPath({ file, text }: TextFile, path: DocumentPath): boolean {
	const { source } = readSource({ file, bytes: Buffer.from(text) });
	return source !== null && findNode(source, path) !== null;
}

/** A problem at the first of these paths that the file has; at the deepest part of the last one that it has, if it has none. */
export function placeInFile(
	{ file, text }: TextFile,
	paths: readonly DocumentPath[],
	{ code, at, detail, help }: Omit<PathDiagnostic, "path">,
): Diagnostic {
	const { source } = readSource({ file, bytes: Buffer.from(text) });
	const path = paths.find((each) => source !== null && findNode(source, each) !== null) ?? paths.at(-1) ?? [];
	const range = source === null ? FILE_START : locate(source, path, at);
	return { code, ...DIAGNOSTIC_CODES[code], file, ...range, path: formatPath(path), detail, help };
}
