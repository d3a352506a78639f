import fc from "fast-check";
import { marked, type Token, type Tokens } from "marked";
import { expect, test } from "vitest";
import { planYaml } from "../testing/compile-yaml.ts";
import { code, details, fence, table, text } from "./markdown.ts";
import { COMMENT_LIMIT, renderMarkdown } from "./render-markdown.ts";
import type { Plan } from "./types.ts";

/** Signs that Markdown, HTML or GitHub could take for more than text. */
const hostile = fc
	.array(
		fc.constantFrom(
			..."`|\\<>&*_[]()!#@$~-=+:. aZ9\"'{}\n",
			"</details>",
			"<!--",
			"@org/team",
			"[x](y)",
			"~~~",
			"\n```\n",
			"\\|",
		),
	)
	.map((parts) => parts.join(""));

/** Blocks of a page, as a reader of GitHub-flavoured Markdown sees them. */
const parse = (page: string): Token[] => marked.lexer(page).filter(({ type }) => type !== "space");

const singleLine = (given: string) => given.replace(/\s+/g, " ").trim();

test("a value is code, whole, wherever it stands", () => {
	fc.assert(
		fc.property(hostile, (value) => {
			fc.pre(singleLine(value) !== "");
			const [paragraph] = parse(`x ${code(value)}`) as [Tokens.Paragraph];
			expect(paragraph.tokens.slice(1)).toMatchObject([{ type: "codespan", text: singleLine(value) }]);
		}),
	);
});

test("a value never leaves its cell", () => {
	fc.assert(
		fc.property(hostile, hostile, (one, other) => {
			const [parsed, ...rest] = parse(table(["a", "b"], [[code(one), text(other)]])) as [Tokens.Table];
			expect(rest).toEqual([]);
			// A pipe after an odd number of backslashes cannot be written in a cell: it gets one more.
			const shown = singleLine(one).replace(/(?<!\\)((?:\\\\)*)\\\|/g, "$1\\\\|");
			expect(parsed.rows[0]?.[0]?.tokens).toMatchObject(shown === "" ? [] : [{ type: "codespan", text: shown }]);
		}),
	);
});

test("text of others is text: no markup, link, heading, list, mention or reference", () => {
	fc.assert(
		fc.property(hostile, (sentence) => {
			fc.pre(singleLine(sentence) !== "");
			const tokens = parse(text(sentence));
			expect(tokens.map(({ type }) => type)).toEqual(["paragraph"]);
			const inside = (tokens as [Tokens.Paragraph])[0].tokens.filter(({ raw }) => !/^<\/?span>$/.test(raw));
			for (const { type } of inside) expect(["text", "escape", "codespan"]).toContain(type);
			const plain = inside.flatMap(({ type, raw }) => (type === "codespan" ? [] : [raw]));
			expect(plain.join("")).not.toMatch(/[@#][^\u{200b}]/u);
		}),
	);
});

test("a block of others' text ends where it ends, and what opens it too", () => {
	fc.assert(
		fc.property(hostile, (body) => {
			fc.pre(body.trim() !== "");
			const tokens = parse(`${details("more", fence("text", body))}\n\nafter`);
			expect(tokens.map(({ type }) => type)).toEqual(["html", "code", "html", "paragraph"]);
		}),
	);
});

function planOf(number: number): Plan {
	const yaml = (name: string) => `name: ${name}
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }
consumers: [{ name: all, kind: s3 }]
`;
	const plans = Array.from({ length: number }, (_, index) => planYaml(`p${index}`, yaml(`p${index}`), "prod"));
	return { ...(plans[0] as Plan), pipelines: plans.flatMap(({ pipelines }) => pipelines) };
}

test("a comment has everything while it fits, and says so when it does not", () => {
	expect(renderMarkdown(planOf(2))).not.toContain("Left out");
	const long = renderMarkdown(planOf(50));
	expect(long.length).toBeLessThanOrEqual(COMMENT_LIMIT);
	expect(long).toMatch(/_Left out for length: \d+ parts\. `pipeline plan --env prod` shows everything\._\n$/);
	// What exists comes before what opens.
	expect(long.match(/^### /gm)).toHaveLength(50);
});

test.each([2000, 5000, 20_000])("never longer than %d characters, and nothing is cut in two", (limit) => {
	const cut = renderMarkdown(planOf(20), limit);
	expect(cut.length).toBeLessThanOrEqual(limit);
	expect(cut.match(/<details>/g)?.length).toBe(cut.match(/<\/details>/g)?.length);
	expect(cut).toContain("Left out for length");
});
