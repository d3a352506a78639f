import type { Diagnostic, Severity } from "./diagnostic.ts";
import { printable } from "./render-human.ts";

const COMMANDS = { error: "error", warning: "warning", hint: "notice" } as const satisfies Record<Severity, string>;

/**
 * Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request. File names are taken as
 * relative to the repository's root. Errors come first: a step shows ten annotations of a severity at most.
 */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
	const order = Object.keys(COMMANDS);
	return [...diagnostics]
		.sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity))
		.map((diagnostic) => `${renderCommand(diagnostic)}\n`)
		.join("");
}

function renderCommand(diagnostic: Diagnostic): string {
	const { severity, file, line, code, summary, detail, help } = diagnostic;
	const properties = { file, line, ...describeEnd(diagnostic), title: `${summary} [${code}]` };
	const listed = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
	const message = help === "" ? detail : `${detail}\n${help}`;
	return `::${COMMANDS[severity]} ${listed.join(",")}::${escapeData(message)}`;
}

/** A place that ends before the first character of a line ends on the line above; one of several lines has no columns. */
function describeEnd({ line, column, endLine, endColumn }: Diagnostic): Record<string, number> {
	if (endLine === line) return { endLine, col: column, endColumn };
	const last = endColumn === 1 ? endLine - 1 : endLine;
	return last === line ? { endLine: last, col: column } : { endLine: last };
}

// Escapes as the runner undoes them; left alone, a line break in a definition could start a command of its author's.
function escapeData(text: string): string {
	return printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
	return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
