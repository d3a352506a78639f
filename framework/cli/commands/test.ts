import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { renderGithub } from "../../diagnostics/render-github.ts";
import { renderHuman } from "../../diagnostics/render-human.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import { count } from "../../plan/words.ts";
import { findProjectRoot } from "../../project/root.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { loadPlan } from "../project.ts";
import { fromRepository } from "../repository.ts";
import { type Coverage, measureCoverage } from "../test/coverage.ts";
import { readTestFile, type TestFile } from "../test/read-test-file.ts";
import { renderJunit } from "../test/render-junit.ts";
import { runTest, type TestResult } from "../test/run-test.ts";
import { updateExpectations } from "../test/update.ts";

interface FileResult {
	file: TestFile;
	results: TestResult[];
}

interface Run {
	files: FileResult[];
	diagnostics: Diagnostic[];
	sources: Map<string, string>;
	coverage: Coverage[];
	updated: number;
}

export const test: Command = {
	name: "test",
	summary: "Run the tests that stand beside pipelines: what is written, and what each consumer must be sent",
	positionals: "[paths…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		format: { type: "string", choices: ["human", "junit", "github"], help: "How to report (human)" },
		update: { type: "boolean", help: "Write what came as what is expected, where the two differ" },
	},
	examples: [
		"pipeline test",
		"pipeline test pipelines/user-actions.test.yaml --update",
		"pipeline test --format junit > tests.xml",
	],
	async run(args, io) {
		const paths = listTestFiles(args.positionals, io);
		const run: Run = { files: [], diagnostics: [], sources: new Map(), coverage: [], updated: 0 };
		const plans = createPlans(io);
		for (const path of paths) {
			if (!(await runFile(path, plans, run, args.flag("update"), io))) return 1;
			if (io.signal.aborted) return 1;
		}
		run.coverage = await coverageOf(run.files, plans);
		report(run, args.option("format") ?? "human", io);
		return run.diagnostics.length === 0 ? 0 : 1;
	},
};

/** Plans by environment, each made once; null when definitions have errors, which are printed then. */
function createPlans(io: Io) {
	const plans = new Map<string, Awaited<ReturnType<typeof loadPlan>>>();
	return async (environment: string, pipeline: string): Promise<PipelinePlan | null> => {
		if (!plans.has(environment)) plans.set(environment, await loadPlan(io, { env: environment }));
		const plan = plans.get(environment) ?? null;
		const found = plan?.pipelines.find(({ name }) => name === pipeline);
		if (plan && !found)
			throw new UsageError(`There is no pipeline "${pipeline}" in the environment ${environment} for its tests.`);
		return found ?? null;
	};
}

/** False when the definitions themselves have errors. */
async function runFile(
	path: string,
	plans: ReturnType<typeof createPlans>,
	run: Run,
	update: boolean,
	io: Io,
): Promise<boolean> {
	const { file, diagnostics, text } = readTestFile(path, io.cwd);
	for (const { file: name } of diagnostics) run.sources.set(name, text);
	if (file === null || hasErrors(diagnostics)) {
		run.diagnostics.push(...diagnostics);
		return true;
	}
	const pipeline = await plans(file.environment, file.pipeline);
	if (pipeline === null) return false;
	const results: TestResult[] = [];
	for (const each of file.tests) results.push(await runTest(file, each, pipeline));
	run.sources.set(file.file, text);
	const updated = update ? updateExpectations(file, results) : 0;
	run.updated += updated;
	// What was written anew is what is expected now.
	const settled = updated === 0 ? results : results.map(withoutMismatches);
	run.files.push({ file, results: settled });
	run.diagnostics.push(...settled.flatMap((each) => each.problems));
	return true;
}

const withoutMismatches = (result: TestResult): TestResult => ({
	...result,
	problems: result.problems.filter(({ code }) => code !== "test-mismatch"),
});

async function coverageOf(files: readonly FileResult[], plans: ReturnType<typeof createPlans>): Promise<Coverage[]> {
	const groups = Map.groupBy(files, ({ file }) => `${file.environment}/${file.pipeline}`);
	const coverages: Coverage[] = [];
	for (const [first, ...more] of groups.values()) {
		if (!first) continue;
		const pipeline = await plans(first.file.environment, first.file.pipeline);
		const rehearsals = [first, ...more].flatMap(({ results }) => results.flatMap(({ rehearsal }) => rehearsal ?? []));
		if (pipeline) coverages.push(measureCoverage(pipeline, rehearsals));
	}
	return coverages;
}

function report(run: Run, format: string, io: Io): void {
	if (format === "junit") io.stdout(renderJunit(run.files));
	else if (format === "github") io.stdout(renderGithub(fromRepository(run.diagnostics, io)));
	else io.stdout(renderTests(run, io));
	if (format !== "human" && run.diagnostics.length > 0)
		io.stderr(renderHuman(run.diagnostics, { sources: run.sources, colour: io.terminal }));
}

function renderTests({ files, diagnostics, sources, coverage, updated }: Run, io: Io): string {
	const results = files.flatMap((each) => each.results);
	const failed = results.filter(({ problems }) => problems.length > 0).length;
	const lines = files.flatMap(({ file, results: own }) => [
		file.file,
		...own.map(
			({ test: { name }, problems, milliseconds }) =>
				`  ${problems.length === 0 ? "✓" : "✗"} ${name} (${Math.round(milliseconds)} ms)`,
		),
	]);
	const problems =
		diagnostics.length > 0 ? ["", renderHuman(diagnostics, { sources, colour: io.terminal }).trimEnd()] : [];
	const gaps = coverage.flatMap((each) => [
		`coverage of ${each.pipeline}: ${each.exercised} of ${count(each.parts, "consumer and condition part")}`,
		...each.gaps.map((gap) => `  not exercised: ${gap}`),
	]);
	const written = updated > 0 ? [`${count(updated, "expectation")} written anew`] : [];
	return [
		...lines,
		...problems,
		"",
		...gaps,
		...written,
		`${results.length - failed} passed, ${failed} failed`,
		"",
	].join("\n");
}

/** `*.test.yaml` at the paths, or beside the project's pipelines. */
function listTestFiles(paths: readonly string[], io: Io): string[] {
	const given =
		paths.length === 0 ? [join(findProjectRoot(io.cwd), "pipelines")] : paths.map((path) => resolve(io.cwd, path));
	const files = given.flatMap((path) => {
		if (!existsSync(path)) throw new UsageError(`There is no file or folder "${path}".`);
		if (!statSync(path).isDirectory()) return [path];
		return readdirSync(path)
			.filter((name) => /\.test\.ya?ml$/.test(name))
			.sort()
			.map((name) => join(path, name));
	});
	if (files.length > 0) return [...new Set(files)];
	throw new UsageError("There are no tests: write one as <pipeline>.test.yaml beside the pipeline's own file.");
}
