import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { renderGithub } from "../../diagnostics/render-github.ts";
import { renderHuman } from "../../diagnostics/render-human.ts";
import type { Plan } from "../../plan/types.ts";
import { count } from "../../plan/words.ts";
import type { Project } from "../../project/read.ts";
import { findProjectRoot } from "../../project/root.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { loadProject, planLoaded } from "../project.ts";
import { fromRepository } from "../repository.ts";
import { type Coverage, measureCoverage } from "../test/coverage.ts";
import { readTestFile, type TestFile } from "../test/read-test-file.ts";
import { renderJunit } from "../test/render-junit.ts";
import { runTest, type TestedPipeline, type TestResult } from "../test/run-test.ts";
import { updateExpectations } from "../test/update.ts";

interface FileResult {
	file: TestFile;
	results: TestResult[];
}

interface Run {
	files: FileResult[];
	diagnostics: Diagnostic[];
	/** Of files of which no test could run; among `diagnostics`, too. */
	unread: Diagnostic[];
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
		const run: Run = { files: [], diagnostics: [], unread: [], sources: new Map(), coverage: [], updated: 0 };
		const plans = createPlans(io);
		for (const path of paths) {
			if (!(await runFile(path, plans, run, args.flag("update"), io))) return 1;
			if (io.signal.aborted) return 1;
		}
		run.coverage = await coverageOf(run.files, plans);
		report(run, args.option("format") ?? "human", io);
		return hasErrors(run.diagnostics) ? 1 : 0;
	},
};

/** Plans by environment, each made once; null when definitions have errors, which are printed then. */
function createPlans(io: Io) {
	const planned = new Map<string, { project: Project; plan: Plan } | null>();
	const load = async (environment: string) => {
		const project = loadProject(io, environment);
		return project && { project, plan: await planLoaded(project, io, environment) };
	};
	return async (environment: string, name: string): Promise<TestedPipeline | null> => {
		if (!planned.has(environment)) planned.set(environment, await load(environment));
		const known = planned.get(environment) ?? null;
		if (known === null) return null;
		const pipeline = known.plan.pipelines.find((each) => each.name === name);
		if (!pipeline)
			throw new UsageError(`There is no pipeline "${name}" in the environment ${environment} for its tests.`);
		return { pipeline, itemSchema: known.project.itemSchemas.get(pipeline.itemSchema?.name ?? "") ?? null };
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
		run.unread.push(...diagnostics.filter(({ severity }) => severity === "error"));
		return true;
	}
	const tested = await plans(file.environment, file.pipeline);
	if (tested === null) return false;
	const results: TestResult[] = [];
	for (const each of file.tests) results.push(await runTest(file, each, tested));
	run.sources.set(file.file, text);
	const updated = update ? updateExpectations(file, results) : 0;
	run.updated += updated;
	// What was written anew is what is expected now.
	const settled = updated === 0 ? results : results.map(withoutMismatches);
	run.files.push({ file, results: settled });
	run.diagnostics.push(...settled.flatMap(({ problems, warnings }) => [...problems, ...warnings]));
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
		const tested = await plans(first.file.environment, first.file.pipeline);
		const rehearsals = [first, ...more].flatMap(({ results }) => results.flatMap(({ rehearsal }) => rehearsal ?? []));
		if (tested) coverages.push(measureCoverage(tested.pipeline, rehearsals));
	}
	return coverages;
}

function report(run: Run, format: string, io: Io): void {
	if (format === "junit") io.stdout(renderJunit(run.files, run.unread));
	else if (format === "github") io.stdout(renderGithub(fromRepository(run.diagnostics, io)));
	else io.stdout(renderTests(run, io));
	if (format !== "human" && run.diagnostics.length > 0)
		io.stderr(renderHuman(run.diagnostics, { sources: run.sources, colour: io.terminal }));
}

function renderTests({ files, diagnostics, unread, sources, coverage, updated }: Run, io: Io): string {
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
	const broken = new Set(unread.map(({ file }) => file)).size;
	const written = updated > 0 ? [`${count(updated, "expectation")} written anew`] : [];
	return [
		...lines,
		...problems,
		"",
		...gaps,
		...written,
		`${results.length - failed} passed, ${failed} failed${broken > 0 ? `, ${count(broken, "file")} not run` : ""}`,
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
