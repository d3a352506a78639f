import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { parseArguments } from "../../framework/cli/arguments.ts";
import { COMMANDS, type Entry } from "../../framework/cli/commands.ts";
import { defineYaml } from "../../framework/testing/compile-yaml.ts";
import { copyProject } from "../../framework/testing/copy-project.ts";
import { readPage } from "../../framework/testing/read-page.ts";
import { runCli } from "../../framework/testing/run-cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = ["docs", "docs/adr"].flatMap((folder) =>
	readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(".md") ? [`${folder}/${name}`] : [])),
);
const pages = ["README.md", "CONTRIBUTING.md", ...files].map(readPage);
const blocks = pages.flatMap(({ file, blocks }) => blocks.map((block) => ({ file, ...block })));
const TEST_FILE = /^# (pipelines\/.*\.test\.yaml)\n/;
const inYaml = blocks.filter(({ language }) => language === "yaml").map(({ file, text }) => ({ file, text }));
const yamls = inYaml.filter(({ text }) => !TEST_FILE.test(text));
const { properties } = JSON.parse(readFileSync(join(root, "schemas/core/pipeline.json"), "utf8"));

/** A definition to lay parts of one over. */
const BASE = {
	name: "example",
	table: { keys: { partition: { name: "id", type: "S" } }, viewType: "NEW_AND_OLD_IMAGES" },
	consumers: [{ name: "all", kind: "s3" }],
};

/** Mappings merge key by key, as an environment's overlay does. */
function lay(under: object, over: object): object {
	const isMapping = (value: unknown): value is object =>
		typeof value === "object" && value !== null && !Array.isArray(value);
	const below = new Map<string, unknown>(Object.entries(under));
	const laid = Object.entries(over).map(([key, value]) => {
		const other = below.get(key);
		return [key, isMapping(value) && isMapping(other) ? lay(other, value) : value];
	});
	return { ...under, ...Object.fromEntries(laid) };
}

/** A block as a whole definition: as it is, or laid over one, as part of the file or of its consumer. */
function complete(text: string): { name: string; yaml: string } {
	const name = /^# pipelines\/(.*)\.yaml\n/.exec(text)?.[1];
	if (name !== undefined && name !== "defaults") return { name, yaml: text };
	const part = parse(text);
	const isOf = (known: object) => Object.keys(part).every((key) => Object.hasOwn(known, key));
	if (isOf({ ...properties, environments: {} })) return { name: BASE.name, yaml: stringify(lay(BASE, part)) };
	const [consumer] = BASE.consumers;
	return { name: BASE.name, yaml: stringify({ ...BASE, consumers: [lay(consumer ?? {}, part)] }) };
}

test("decisions are numbered without a gap, each once, in its name and in its title", () => {
	const decisions = pages.filter(({ file }) => file.startsWith("docs/adr/"));
	const named = decisions.map(({ file }) => Number(/\/(\d{4})-/.exec(file)?.[1])).sort((one, other) => one - other);
	expect(named).toEqual(named.map((_, index) => index + 1));
	for (const { file } of decisions)
		expect([file, readFileSync(join(root, file), "utf8").split(".")[0]]).toEqual([
			file,
			`# ${Number(/\/(\d{4})-/.exec(file)?.[1])}`,
		]);
});

test.each(yamls)("a definition in $file is valid: $text", ({ text }) => {
	const { name, yaml } = complete(text);
	for (const environment of ["local", "prod"]) expect(defineYaml(name, yaml, environment)).toHaveLength(1);
});

test("a page's definition that is not valid is found", () => {
	const { name, yaml } = complete("when: { evnts: [INSERT] }");
	expect(() => defineYaml(name, yaml)).toThrow("evnts");
});

test.each(inYaml.filter(({ text }) => TEST_FILE.test(text)))(
	"a test in $file passes: $text",
	async ({ file, text }) => {
		const copy = copyProject();
		onTestFinished(copy.remove);
		const besides = yamls.filter((block) => block.file === file && /^# pipelines\//.test(block.text));
		const name = (block: string) => join(copy.root, /^# (\S+)\n/.exec(block)?.[1] ?? "");
		for (const block of [...besides.map(({ text }) => text), text]) writeFileSync(name(block), block);
		expect(await runCli(copy.root, ["test", name(text)])).toMatchObject({ code: 0 });
	},
);

test.each(blocks.filter(({ language }) => language === "json"))("json in $file can be read", ({ text }) => {
	expect(() => JSON.parse(text)).not.toThrow();
});

/** Commands of ours in the shell blocks, without comments and what an operator of the shell adds. */
const commands = blocks
	.filter(({ language }) => language === "sh")
	.flatMap(({ file, text }) => text.split("\n").map((line) => ({ file, line: line.replace(/\s#.*$/, "").trim() })));

const ours = commands.flatMap(({ file, line }) => {
	const [, rest] = /\bnpx pipeline ([^|&;<>]*)/.exec(line) ?? [];
	return rest === undefined ? [] : [{ file, line: rest.trim() }];
});

test.each(ours)("$file: pipeline $line is understood", async ({ line }) => {
	const args = line.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
	const commands: Readonly<Record<string, Entry>> = COMMANDS;
	const first = commands[args.shift() ?? ""];
	const leaf = first && "subcommands" in first ? first.subcommands[args.shift() ?? ""] : first;
	if (!leaf) throw new Error(`there is no such command: ${line}`);
	parseArguments(await leaf.load(), args);
});

test.each(commands.filter(({ line }) => /\bnpm (run|start|test)\b/.test(line)))(
	"$file: $line is a script",
	({ line }) => {
		const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
		for (const [, run, own] of line.matchAll(/\bnpm (?:run (\S+)|(start|test))/g))
			expect(scripts).toHaveProperty(run ?? own ?? "");
	},
);

test.each(pages)("every link of $file leads to a file", ({ file, links }) => {
	expect(links.filter((link) => !existsSync(join(root, dirname(file), decodeURIComponent(link))))).toEqual([]);
});
