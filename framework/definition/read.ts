import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "../diagnostics/codes.ts";
import { type Diagnostic, type DocumentPath, formatPath } from "../diagnostics/diagnostic.ts";
import { FILE_START, type Located, type Place, placeOf } from "./locate.ts";
import { toValue, type ValueObject } from "./values.ts";

export interface InputFile {
	/** As users shall see it in messages. */
	file: string;
	bytes: Uint8Array;
}

/** A file that could be read: its values, and where they stand. */
export interface Source extends Located {
	file: string;
	value: ValueObject;
	/** Keys without a value: reported already, absent from `value`. */
	missing: DocumentPath[];
}

export interface ReadResult {
	/** Null if nothing further can be said about the file. */
	source: Source | null;
	/** For excerpts; empty if the file is not text. */
	text: string;
	diagnostics: Diagnostic[];
}

/** A file's bytes to values, each with its place. The text is untrusted: whatever stands in it becomes a diagnostic. */
export function readSource({ file, bytes }: InputFile): ReadResult {
	const diagnostics: Diagnostic[] = [];
	const report = (code: DiagnosticCode, place: Place, detail: string, help: string, path: DocumentPath = []) => {
		diagnostics.push({ code, ...DIAGNOSTIC_CODES[code], file, ...place, path: formatPath(path), detail, help });
	};
	const text = decode(bytes);
	if (text === null) {
		report("file-not-utf8", FILE_START, "The file holds bytes that are not UTF-8.", "Save it with the encoding UTF-8.");
		return { source: null, text: "", diagnostics };
	}
	const source = readText(file, text, report);
	return { source, text, diagnostics };
}

type Report = (code: DiagnosticCode, place: Place, detail: string, help: string, path?: DocumentPath) => void;

function readText(file: string, text: string, report: Report): Source | null {
	const lines = new LineCounter();
	const document = parse(text, lines, report);
	if (document === null) return null;
	const located = { text, lines, document };
	if (reportYamlProblems(located, report)) return null;

	const { value, missing, problems } = toValue(document);
	for (const { code, range, path, detail, help } of problems) report(code, placeOf(located, range), detail, help, path);
	// An item of a list that is missing would shift the places of those after it.
	if (problems.some(({ code, path }) => code !== "yaml-null" || typeof path.at(-1) === "number")) return null;
	if (value === undefined) {
		report("file-empty", FILE_START, "The file holds no value.", "Write a definition, or remove the file.");
		return null;
	}
	if (typeof value !== "object" || Array.isArray(value)) {
		const place = placeOf(located, rangeOf(document));
		report("yaml-not-a-mapping", place, "A definition is a mapping of keys to values.", "Begin with `name: <name>`.");
		return null;
	}
	return { ...located, file, value, missing };
}

function decode(bytes: Uint8Array): string | null {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return null;
	}
}

function parse(text: string, lines: LineCounter, report: Report): Document | null {
	try {
		return parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: "1.2" });
	} catch (error) {
		// The parser recurses: thousands of open brackets end its stack. Nothing a person writes is as deep.
		if (!(error instanceof RangeError)) throw error;
		report("yaml-syntax", FILE_START, "The values are nested too deeply.", "Write the definition with fewer levels.");
		return null;
	}
}

function rangeOf(document: Document): [number, number] {
	const range = document.contents?.range;
	return range ? [range[0], range[1]] : [0, 0];
}

/** Reports what the parser complained about; true if there was anything. */
function reportYamlProblems(located: Located, report: Report): boolean {
	const { errors, warnings } = located.document;
	const problems = [...errors, ...warnings];
	// What is missing at the end is missing after the last thing written, not on an empty line below it.
	const written = located.text.trimEnd().length;
	const told = new Set<string>();
	for (const problem of problems) {
		const { code, detail, help } = explain(problem);
		const [start, end] = problem.pos.map((offset) => Math.min(offset, written)) as [number, number];
		// The parser says it once for each of the brackets that are open.
		const once = `${code} ${start} ${detail}`;
		if (told.has(once)) continue;
		told.add(once);
		// The parser points at a duplicate key's first character only.
		const word =
			code === "yaml-duplicate-key" ? (/^[^\s:,{}[\]]+/.exec(located.text.slice(start))?.[0].length ?? 0) : 0;
		report(code, placeOf(located, [start, Math.max(end, start + word)]), detail, help);
	}
	return problems.length > 0;
}

function explain({ code, message }: YAMLError): { code: DiagnosticCode; detail: string; help: string } {
	if (code === "DUPLICATE_KEY")
		return {
			code: "yaml-duplicate-key",
			detail: "This key stands in its mapping already; only one of the two values could count.",
			help: "Remove one of them.",
		};
	if (code === "MULTIPLE_DOCS")
		return {
			code: "yaml-multiple-documents",
			detail: "A second document begins here. One file holds one pipeline.",
			help: "Move it to a file of its own, named like its pipeline.",
		};
	if (code === "TAG_RESOLVE_FAILED")
		return { code: "yaml-unknown-tag", detail: `${message}.`, help: "Write the value without the tag." };
	const sentence = message.endsWith(".") ? message : `${message}.`;
	return {
		code: "yaml-syntax",
		detail: sentence,
		help: "Correct the YAML at this place; look at the indentation too.",
	};
}
