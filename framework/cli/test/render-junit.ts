import { printable } from "../../diagnostics/render-human.ts";
import type { TestFile } from "./read-test-file.ts";
import type { TestResult } from "./run-test.ts";

/** Results in the XML that CI systems read as JUnit's. */
export function renderJunit(files: readonly { file: TestFile; results: readonly TestResult[] }[]): string {
	const suites = files.map(({ file, results }) => {
		const failures = results.filter(({ problems }) => problems.length > 0).length;
		const cases = results.map((result) => renderCase(file, result));
		return `  <testsuite name="${escapeXml(file.file)}" tests="${results.length}" failures="${failures}">\n${cases.join("")}  </testsuite>\n`;
	});
	return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}</testsuites>\n`;
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
