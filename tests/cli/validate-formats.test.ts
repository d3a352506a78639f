import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import { expect, test } from "vitest";
import { runCli } from "../../framework/testing/run-cli.ts";

const invalid = fileURLToPath(new URL("../golden/invalid", import.meta.url));
const golden = (name: string) => fileURLToPath(new URL(`../golden/formats/${name}`, import.meta.url));

/** The schema of SARIF 2.1.0 as this package ships it: draft 4, which calls its name `id`, with a pattern that Unicode mode refuses. */
const {
	id: _id,
	$schema: _draft,
	...schema
} = JSON.parse(
	readFileSync(
		createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"),
		"utf8",
	),
);
const isSarif = new Ajv.default({ strict: false, unicodeRegExp: false, validateFormats: false }).compile(schema);

async function validate(name: string, format: string, env: Record<string, string> = {}) {
	const signal = new AbortController().signal;
	return runCli(join(invalid, name), ["validate", "--format", format], signal, env);
}

interface SarifRun {
	tool: { driver: { rules: { id: string; help: { text: string } }[] } };
	originalUriBaseIds: Record<string, { uri: string }>;
	results: SarifResult[];
}

interface SarifResult {
	ruleId: string;
	ruleIndex: number;
	locations: { physicalLocation: { artifactLocation: { uri: string; uriBaseId: string }; region: object } }[];
}

test.each(readdirSync(invalid))(
	"sarif of %s is valid, and each result leads to its rule and its file",
	async (name) => {
		const { stdout, code } = await validate(name, "sarif");
		const log = JSON.parse(stdout);
		isSarif(log);
		expect(isSarif.errors).toBeNull();
		const json = JSON.parse((await validate(name, "json")).stdout);
		const [run] = log.runs as [SarifRun];
		expect(run.results).toHaveLength(json.diagnostics.length);
		for (const [index, { ruleId, ruleIndex, locations }] of run.results.entries()) {
			const { line, column, endLine, endColumn, ...problem } = json.diagnostics[index];
			expect([ruleId, run.tool.driver.rules[ruleIndex]?.id]).toEqual([problem.code, problem.code]);
			const [{ physicalLocation: place } = { physicalLocation: null }] = locations;
			const { uri, uriBaseId } = place?.artifactLocation ?? { uri: "", uriBaseId: "" };
			const found = fileURLToPath(new URL(uri, run.originalUriBaseIds[uriBaseId]?.uri));
			expect(found).toBe(join(invalid, name, problem.file));
			expect(place?.region).toEqual({ startLine: line, startColumn: column, endLine, endColumn });
		}
		expect(code).toBe((await validate(name, "human")).code);
	},
);

test("the schema can refuse", () => {
	expect(isSarif({ version: "2.1.0", runs: [{ tool: { driver: {} } }] })).toBe(false);
});

// What reviewing services read. `vitest -u` rewrites it: read the difference.
test("annotations and sarif of a project, whole", async () => {
	const annotations = (await validate("table", "github")).stdout;
	await expect(annotations).toMatchFileSnapshot(golden("annotations.txt"));
	const sarif = (await validate("table", "sarif")).stdout;
	await expect(sarif.replaceAll(join(invalid, "table"), "/project")).toMatchFileSnapshot(golden("report.sarif"));
});

test("file names begin at the repository's root, also where the project is a folder of it", async () => {
	const env = { GITHUB_WORKSPACE: join(invalid, "..") };
	const { stdout } = await validate("table", "github", env);
	expect(stdout).toContain("file=invalid/table/pipelines/");
	const [run] = JSON.parse((await validate("table", "sarif", env)).stdout).runs as [SarifRun];
	expect(run.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/^invalid\/table\/pipelines\//);
});

test("so do those of a failed test", async () => {
	const failing = fileURLToPath(new URL("../golden/failing/all", import.meta.url));
	const env = { GITHUB_WORKSPACE: join(failing, "..") };
	const { stdout, code } = await runCli(failing, ["test", "--format", "github"], new AbortController().signal, env);
	expect(code).toBe(1);
	expect(stdout).toMatch(/^::error file=all\/pipelines\/\w+\.test\.yaml,line=/);
});

test("a problem of the settings under all pipelines is shown in their file, once", async () => {
	const { stdout } = await validate("environments", "github");
	expect(stdout.match(/file=pipelines\/defaults\.yaml,line=1,.*retentionDays/g)).toHaveLength(1);
});
