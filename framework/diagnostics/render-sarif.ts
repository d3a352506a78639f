import { pathToFileURL } from "node:url";
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "./codes.ts";
import type { Diagnostic, Severity } from "./diagnostic.ts";

const LEVELS = { error: "error", warning: "warning", hint: "note" } as const satisfies Record<Severity, string>;

/** The name SARIF's tools have for where relative names begin. */
const BASE = "%SRCROOT%";

/**
 * Diagnostics in the Static Analysis Results Interchange Format, version 2.1.0, which code scanning services take.
 * File names are taken as relative to `root`, an absolute folder.
 */
export function renderSarif(diagnostics: readonly Diagnostic[], root: string): string {
	const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
	const run = {
		tool: { driver: { name: "Tributary", rules: codes.map(describeRule) } },
		invocations: [{ executionSuccessful: true }],
		originalUriBaseIds: { [BASE]: { uri: pathToFileURL(`${root}/`).href } },
		columnKind: "utf16CodeUnits",
		results: diagnostics.map((diagnostic) => describeResult(diagnostic, codes)),
	};
	const log = { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
	return `${JSON.stringify(log, null, 2)}\n`;
}

function describeRule(code: DiagnosticCode) {
	const { severity, summary } = DIAGNOSTIC_CODES[code];
	return {
		id: code,
		shortDescription: { text: `${summary}.` },
		fullDescription: { text: `${summary}.` },
		help: {
			text: `${summary}. Each result says what is wrong and what to do. All codes: docs/reference/diagnostics.md.`,
		},
		defaultConfiguration: { level: LEVELS[severity] },
	};
}

function describeResult(diagnostic: Diagnostic, codes: readonly DiagnosticCode[]) {
	const { code, severity, file, line, column, endLine, endColumn, path, detail, help } = diagnostic;
	const location = {
		physicalLocation: {
			artifactLocation: { uri: file.split("/").map(encodeURIComponent).join("/"), uriBaseId: BASE },
			region: { startLine: line, startColumn: column, endLine, endColumn },
		},
		...(path === "" ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
	};
	return {
		ruleId: code,
		ruleIndex: codes.indexOf(code),
		level: LEVELS[severity],
		message: { text: help === "" ? detail : `${detail}\n${help}` },
		locations: [location],
	};
}
