import type { Diagnostic } from "./diagnostic.ts";

export interface Report {
	/** Files that were looked at, unreadable ones and the defaults included. */
	files: number;
	pipelines: number;
	diagnostics: readonly Diagnostic[];
}

/** The report as machines read it: one JSON object, keys in a fixed order. */
export function renderJson({ files, pipelines, diagnostics }: Report): string {
	const listed = diagnostics.map((diagnostic) => ({
		code: diagnostic.code,
		severity: diagnostic.severity,
		file: diagnostic.file,
		line: diagnostic.line,
		column: diagnostic.column,
		endLine: diagnostic.endLine,
		endColumn: diagnostic.endColumn,
		path: diagnostic.path,
		summary: diagnostic.summary,
		detail: diagnostic.detail,
		help: diagnostic.help,
	}));
	return `${JSON.stringify({ files, pipelines, diagnostics: listed }, null, 2)}\n`;
}
