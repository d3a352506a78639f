import { DIAGNOSTIC_CODES } from "../../framework/diagnostics/codes.ts";

/** The reference page of all codes. */
export function generateDiagnosticsPage(): string {
	const rows = Object.entries(DIAGNOSTIC_CODES)
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([code, { severity, summary }]) => `| \`${code}\` | ${severity} | ${summary} |`);
	return [
		"# Diagnostics",
		"",
		"What `pipeline validate` can say. A code never changes its meaning. Each has an example under `tests/golden/invalid`.",
		"",
		"| Code | Severity | Summary |",
		"| --- | --- | --- |",
		...rows,
		"",
	].join("\n");
}
