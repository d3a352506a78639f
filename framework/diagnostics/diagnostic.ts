import type { DiagnosticCode } from "./codes.ts";

/** `error`: refused. `warning`: works, and is likely not meant. `hint`: worth knowing. */
export type Severity = "error" | "warning" | "hint";

/** Where a value stands in a document: keys and indices from the root. */
export type DocumentPath = readonly (string | number)[];

/** A problem as found by code that does not hold the source: by path, located later. */
export interface PathDiagnostic {
	code: DiagnosticCode;
	path: DocumentPath;
	/** What to underline: the key, for something that should not be there; the value, for a wrong one. */
	at: "key" | "value";
	/** What is wrong with it and why, in full sentences, with the user's own names. */
	detail: string;
	/** What to do; may be several lines, commands on their own indented line. */
	help: string;
}

/** A problem with its place, as every renderer and the JSON output have it. Lines and columns count from 1; the end is exclusive. */
export interface Diagnostic {
	code: DiagnosticCode;
	severity: Severity;
	file: string;
	line: number;
	column: number;
	endLine: number;
	endColumn: number;
	/** The path as users write it: `consumers[0].with.url`. Empty for a problem of the whole file. */
	path: string;
	/** A fixed phrase per code, without users' names: greppable. */
	summary: string;
	detail: string;
	help: string;
}

/** A path as users write it: `consumers[0].with.url`; keys with other characters are quoted. */
export function formatPath(path: DocumentPath): string {
	let text = "";
	for (const step of path) {
		if (typeof step === "number") text += `[${step}]`;
		else if (/^[\w-]+$/.test(step)) text += text === "" ? step : `.${step}`;
		else text += text === "" ? JSON.stringify(step) : `.${JSON.stringify(step)}`;
	}
	return text;
}

/** True if one of them refuses the input. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
	return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
