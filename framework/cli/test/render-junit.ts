import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { printable } from "../../diagnostics/render-human.ts";
import type { TestFile } from "./read-test-file.ts";
import type { TestResult } from "./run-test.ts";

/** Results in the XML that CI systems read as JUnit's. `unread`: what is wrong with files of which no test could run. */
export function renderJunit(
	files: readonly { file: TestFile; results: readonly TestResult[] }[],
	unread: readonly Diagnostic[],
): string {
	const suites = files.map(({ file, results }) => {
		const failures = results.filter(({ problems }) => problems.length > 0).length;
		const cases = results.map((result) => renderCase(file, result));
		return `  <testsuite name="${escapeXml(file.file)}" tests="${results.length}" failures="${failures}">\n${cases.join("")}  </testsuite>\n`;
	});
	return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}${renderUnread(unread)}</testsuites>\n`;
}

/** A file whose tests are not in the report must not look as if it had none. */
function renderUnread(unread: readonly Diagnostic[]): string {
	const suites = [...Map.groupBy(unread, ({ file }) => file)].map(([file, problems]) => {
		const name = escapeXml(file);
		const details = problems.map(({ line, column, detail }) => `${file}:${line}:${column}: ${detail}`).join("\n");
		const error = `<error message="${escapeXml(problems[0]?.detail ?? "")}">${escapeXml(details)}</error>`;
		return `  <testsuite name="${name}" tests="1" failures="0" errors="1">\n    <testcase classname="${name}" name="the file can be read">\n      ${error}\n    </testcase>\n  </testsuite>\n`;
	});
	return suites.join("");
}

function renderCase({ file, pipeline }: TestFile, { test, problems, milliseconds }: TestResult): string {
	const start = `    <testcase classname="${escapeXml(pipeline)}" name="${escapeXml(test.name)}" time="${(milliseconds / 1000).toFixed(3)}"`;
	if (problems.length === 0) return `${start}/>\n`;
	const details = problems.map(({ line, column, detail }) => `${file}:${line}:${column}: ${detail}`).join("\n");
	return `${start}>\n      <failure message="${escapeXml(problems[0]?.detail ?? "")}">${escapeXml(details)}</failure>\n    </testcase>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
	return printable(text).replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}
