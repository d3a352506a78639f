/**
 * GitHub-flavoured Markdown around text of others. What stands in a definition must stay text: no markup, no link, and no
 * mention, which would call people.
 */

/** What a sentence of ours has between two of these is code. */
const CODE = /`([^`]*[^`\s][^`]*)`/;

/** A sentence of ours with others' words in it. */
export function text(sentence: string): string {
	return singleLine(sentence)
		.split(CODE)
		.map((part, index) => (index % 2 === 0 ? escapeText(part, index === 0) : code(part)))
		.join("");
}

/** After @ and # stands a space of no width, so that nobody is called and nothing linked; a dollar could begin a formula. */
function escapeText(plain: string, isStart: boolean): string {
	const escaped = plain
		.replace(/[\\`*_[\]<>~&]/g, "\\$&")
		.replace(/[@#]/g, "$&\u{200b}")
		.replaceAll("$", "<span>$</span>");
	return isStart ? escaped.replace(/^(\d*)([.)#+=-])/, "$1\\$2") : escaped;
}

/** A name or value as code. */
export function code(value: string): string {
	const plain = singleLine(value);
	if (plain === "") return "";
	const marks = "`".repeat(longestRun(plain) + 1);
	// One space at either end is not part of the code, and without it a backtick would join the marks.
	const padding = /^`|`$/.test(plain) ? " " : "";
	return `${marks}${padding}${plain}${padding}${marks}`;
}

function longestRun(body: string): number {
	return Math.max(0, ...(body.match(/`+/g) ?? []).map((run) => run.length));
}

function singleLine(value: string): string {
	return value.replace(/\s+/g, " ").trim();
}

/** Cells are Markdown already. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map(escapePipes).join(" | ")} |`;
	return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A pipe ends a cell unless an odd number of backslashes stands before it, in code too. */
function escapePipes(cell: string): string {
	return cell.replace(/(\\*)\|/g, (_, before: string) => `${before}${before.length % 2 === 0 ? "\\" : "\\\\"}|`);
}

/** A block of code. */
export function fence(language: string, body: string): string {
	const marks = "`".repeat(Math.max(3, longestRun(body) + 1));
	return `${marks}${language}\n${body.trimEnd()}\n${marks}`;
}

/** Markdown behind a line that opens it. */
export function details(summary: string, body: string): string {
	return `<details>\n<summary>${text(summary)}</summary>\n\n${body}\n\n</details>`;
}
