import { styleText } from "node:util";
import type { Diagnostic, Severity } from "./diagnostic.ts";

const COLOURS = { error: "red", warning: "yellow", hint: "cyan" } as const satisfies Record<Severity, string>;

export interface HumanOptions {
	/** Texts of the files by name, for the excerpts; a diagnostic whose file is not there has none. */
	sources: ReadonlyMap<string, string>;
	colour: boolean;
}

/** Diagnostics as people read them: place, summary, the line with the spot underlined, what is wrong, what to do. */
export function renderHuman(diagnostics: readonly Diagnostic[], { sources, colour }: HumanOptions): string {
	return diagnostics.map((diagnostic) => renderOne(diagnostic, sources.get(diagnostic.file), colour)).join("\n");
}

function renderOne(diagnostic: Diagnostic, source: string | undefined, colour: boolean): string {
	const paint = (style: Parameters<typeof styleText>[0], text: string) =>
		colour ? styleText(style, text, { validateStream: false }) : text;
	const { file, line, column, severity, summary, code, detail, help } = diagnostic;
	const lines = [
		`${paint("bold", `${file}:${line}:${column}`)}: ${paint(COLOURS[severity], severity)}: ${summary} [${code}]`,
		...renderExcerpt(diagnostic, source, (text) => paint(COLOURS[severity], text)),
		...indent(printable(detail), "  "),
		...(help === "" ? [] : indent(printable(help), "  help: ")),
	];
	return `${lines.join("\n")}\n`;
}

function renderExcerpt(diagnostic: Diagnostic, source: string | undefined, paint: (text: string) => string): string[] {
	const text = source?.split(/\r\n|\r|\n/)[diagnostic.line - 1];
	if (text === undefined || text.trim() === "") return [];
	const number = String(diagnostic.line);
	const start = diagnostic.column - 1;
	const end = diagnostic.endLine === diagnostic.line ? diagnostic.endColumn - 1 : text.trimEnd().length;
	// Tabs stay tabs, so that the caret stands under its character however wide a tab is shown.
	const margin = text.slice(0, start).replace(/[^\t]/g, " ");
	const carets = "^".repeat(Math.max(1, Math.min(end, text.length) - start));
	return [`  ${number} | ${printable(text)}`, `  ${" ".repeat(number.length)} | ${margin}${paint(carets)}`];
}

function indent(text: string, first: string): string[] {
	return text.split("\n").map((line, index) => (index === 0 ? first : " ".repeat(first.length)) + line);
}

/** A definition is untrusted: control characters in it must not drive the reader's terminal. */
export function printable(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
	return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\u{fffd}");
}
