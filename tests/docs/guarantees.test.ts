import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { marked, type Token, type Tokens } from "marked";
import { expect, test } from "vitest";
import { COMMANDS, type Entry } from "../../framework/cli/commands.ts";
import { CONSUMER_METRICS, REDRIVE_METRICS, WRITER_METRICS } from "../../framework/contract/metrics.ts";
import { DIAGNOSTIC_CODES } from "../../framework/diagnostics/codes.ts";
import { renderPipeline } from "../../framework/plan/render-human.ts";
import { defineYaml, planYaml } from "../../framework/testing/compile-yaml.ts";
import { INVARIANTS } from "../../framework/testing/simulation/facts.ts";
import { MUTANTS } from "../../framework/testing/simulation/mutants.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** A definition with everything that the page speaks of. */
const YAML = `name: orders
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }
fanOut: kinesis
consumers: [{ name: crm, kind: s3, when: { new: { status: PAID } } }]
`;
const [definition] = defineYaml("orders", YAML);
/** Every sign there can be. */
const [pipeline] = planYaml("orders", YAML.replace("name: crm,", "name: crm, redrive: auto,")).pipelines;
if (!definition || !pipeline) throw new Error("There is no pipeline.");

const sources = readdirSync(join(root, "framework/runtime"), { recursive: true, encoding: "utf8" })
	.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
	.map((name) => read(`framework/runtime/${name}`))
	.join("\n");

/** What a sign of each sort is, and whether there is one of a name. */
const SIGNS: Readonly<Record<string, (name: string) => boolean>> = {
	metric: (name) => Object.hasOwn({ ...CONSUMER_METRICS, ...WRITER_METRICS, ...REDRIVE_METRICS }, name),
	alarm: (name) => pipeline.resources.some(({ id }) => id === `alarm-crm-${name}`),
	log: (name) => ['"', "`"].some((quote) => sources.includes(`${quote}${name}`)),
	plan: (name) => new RegExp(`^  ${name} +\\S`, "m").test(renderPipeline(pipeline)),
	code: (name) => Object.hasOwn(DIAGNOSTIC_CODES, name),
	command: isCommand,
};

function isCommand(line: string): boolean {
	const [program, first = "", second = ""] = line.split(" ");
	const entry = (COMMANDS as Readonly<Record<string, Entry>>)[first];
	return program === "pipeline" && !!entry && (!("subcommands" in entry) || Object.hasOwn(entry.subcommands, second));
}

/** The value of a setting that a definition leaves out: `consumers.batchSize`. */
function defaultOf(setting: string): unknown {
	return setting.split(".").reduce((value: unknown, name) => {
		const within = Array.isArray(value) ? value[0] : value;
		if (!Object.hasOwn(within, name)) throw new Error(`There is no setting ${setting}.`);
		return within[name];
	}, definition);
}

interface Section {
	title: string;
	tokens: Token[];
}

const sections: Section[] = [];
for (const token of marked.lexer(read("docs/guarantees.md"))) {
	if (token.type === "heading" && token.depth === 2) sections.push({ title: token.text, tokens: [] });
	else if (token.type !== "space") sections.at(-1)?.tokens.push(token);
}
const promises = sections.slice(0, -1);

const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
const quotesIn = (text: string): string[] => [...text.matchAll(/"([^"]+)"/g)].map(([, quote = ""]) => quote);
const rowsOf = (token: Token | undefined): string[][] =>
	(token as Tokens.Table).rows.map((row) => row.map(({ text }) => text));

test("each promise has its limits first, then the promise, then signs, then what shows it; the last section has none", () => {
	expect(promises.length).toBeGreaterThan(9);
	for (const { title, tokens } of promises)
		expect([title, ...tokens.map(({ type }) => type)]).toEqual([title, "table", "paragraph", "table", "list"]);
	expect(sections.at(-1)).toMatchObject({ title: "What is not promised", tokens: [{ type: "list" }] });
});

test.each(promises)(
	"limits of $title: each has a source, and a setting's default is the one that stands there",
	({ tokens }) => {
		for (const [limit = "", number = "", from = ""] of rowsOf(tokens[0])) {
			expect([limit, from]).toEqual([limit, expect.stringMatching(/^(AWS: |ours|setting `|the same|Lambda )/)]);
			if (!from.startsWith("setting ")) continue;
			const [setting = ""] = codesIn(from);
			const [stated = ""] = /[\d.,]+/.exec(number) ?? [];
			expect([setting, Number(stated.replaceAll(",", ""))]).toEqual([setting, defaultOf(setting)]);
		}
	},
);

test.each(promises)("signs of $title: what an operator sees is there, by its name", ({ tokens }) => {
	for (const [sign = ""] of rowsOf(tokens[2])) {
		const [, sort = "", name = ""] = /^(\w+) `(.+)`$/.exec(sign) ?? [];
		expect([sign, SIGNS[sort]?.(name)]).toEqual([sign, true]);
	}
});

test.each(promises)("what shows $title: invariants, planted bugs and tests are there, by their names", ({ tokens }) => {
	const items = (tokens[3] as Tokens.List).items.map(({ text }) => text);
	expect(items.some((item) => item.includes(".test.ts"))).toBe(true);
	for (const item of items) {
		const [head = ""] = item.split(": ");
		if (head === "invariants") {
			for (const name of item.replace("invariants: ", "").split(", ")) expect(INVARIANTS).toContain(name);
		} else if (head === "planted bugs") {
			const names = MUTANTS.map(({ name }) => name);
			expect(names).toEqual(expect.arrayContaining(quotesIn(item)));
		} else {
			const [file = ""] = codesIn(head);
			expect(file).toMatch(/\.test\.ts$/);
			const text = read(file);
			for (const title of quotesIn(item))
				expect([file, text.includes(`("${title}"`), title]).toEqual([file, true, title]);
		}
	}
});

test("each path, setting, command and alarm that a sentence names is there", () => {
	for (const code of codesIn(read("docs/guarantees.md"))) {
		if (/^[\w.-]+(\/[\w.-]+)+$/.test(code)) expect([code, existsSync(join(root, code))]).toEqual([code, true]);
		if (code.startsWith("pipeline ")) expect([code, isCommand(code)]).toEqual([code, true]);
		if (/^(consumers|fanOut|lake|table|alarms|logs)\.\w+$/.test(code)) expect(() => defaultOf(code)).not.toThrow();
	}
});

test("what is not there is found out", () => {
	expect(SIGNS.metric?.("lost")).toBe(false);
	expect(SIGNS.alarm?.("age")).toBe(false);
	expect(SIGNS.log?.("The state table is asleep")).toBe(false);
	expect(SIGNS.plan?.("promises")).toBe(false);
	expect(isCommand("pipeline dlq ls")).toBe(true);
	expect(isCommand("pipeline dlq mend")).toBe(false);
	expect(() => defaultOf("consumers.batchSise")).toThrow("batchSise");
});
