import fc from "fast-check";
import { expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { renderGithub } from "./render-github.ts";

const problem: Diagnostic = {
	code: "key-unknown",
	severity: "error",
	file: "pipelines/orders.yaml",
	line: 2,
	column: 3,
	endLine: 2,
	endColumn: 7,
	path: "tabel",
	summary: "Unknown key",
	detail: 'There is no key "tabel".',
	help: 'Did you mean "table"?',
};

/** A workflow command as the runner reads it (actions/runner, ActionCommand.TryParseV2). */
function readCommand(line: string) {
	const [, command, properties = "", data = ""] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
	const undo = (text: string) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
	const undoProperty = (text: string) =>
		undo(text).replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%25", "%");
	const pairs = properties.split(",").map((pair) => [pair.split("=")[0], undoProperty(pair.replace(/^.*?=/, ""))]);
	return { command, ...Object.fromEntries(pairs), data: undo(data).replaceAll("%25", "%") };
}

test("an annotation has its place, its title and what to do", () => {
	expect(renderGithub([problem])).toBe(
		'::error file=pipelines/orders.yaml,line=2,endLine=2,col=3,endColumn=7,title=Unknown key [key-unknown]::There is no key "tabel".%0ADid you mean "table"?\n',
	);
});

test("errors come first: GitHub shows ten of a severity", () => {
	const commands = renderGithub([
		{ ...problem, severity: "hint" },
		{ ...problem, severity: "warning" },
		{ ...problem, severity: "error" },
	]);
	expect(commands.match(/^::\w+/gm)).toEqual(["::error", "::warning", "::notice"]);
});

test.each([
	["several lines have no columns, which the runner would drop", { endLine: 4, endColumn: 2 }, { endLine: "4" }],
	["an end before a line's first character is the line above", { endLine: 4, endColumn: 1 }, { endLine: "3" }],
	["the rest of a line has no last column", { endLine: 3, endColumn: 1 }, { endLine: "2", col: "3" }],
])("%s", (_words, place, expected) => {
	const { endLine, col, endColumn } = readCommand(renderGithub([{ ...problem, ...place }]).trimEnd()) as never;
	expect({ endLine, col, endColumn }).toEqual(expected);
});

test("whatever a definition holds, a problem is one command that reads back as it was", () => {
	const text = fc.string({ unit: fc.constantFrom(..."%:,=\r\n;] a0AD25é", "::error::", "%0A", "%25", "##[add-mask]") });
	fc.assert(
		fc.property(text, text, text, (file, detail, help) => {
			const output = renderGithub([{ ...problem, file: `p${file}`, detail, help }]);
			// One line: a second one could be a command of the definition's author.
			expect(output.split(/\r\n|\r|\n/)).toHaveLength(2);
			const read = readCommand(output.slice(0, -1)) as Record<string, string>;
			const shown = (given: string) => given.replaceAll("\r", "\u{fffd}");
			expect(read).toMatchObject({ command: "error", line: "2", file: shown(`p${file}`) });
			expect(read.data).toBe(shown(help === "" ? detail : `${detail}\n${help}`));
		}),
	);
});
