import { deliverers } from "../../../consumers/deliverers.ts";
import { place } from "../../definition/compile.ts";
import type { ReadItemSchema } from "../../definition/item-schema/read-item-schema.ts";
import { sourceTextAt } from "../../definition/locate.ts";
import type { Diagnostic, DocumentPath, PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import { type RehearsalResult, rehearse } from "../../rehearsal/rehearse.ts";
import { createTable, TableError } from "../../rehearsal/table.ts";
import { checkItems } from "./check-items.ts";
import { judgeConsumer, judgeLake } from "./judge.ts";
import type { TestCase, TestFile } from "./read-test-file.ts";

export interface TestResult {
	test: TestCase;
	/** Empty when it passed. */
	problems: Diagnostic[];
	/** Items that break their schema: worth knowing, and no failure. */
	warnings: Diagnostic[];
	/** null when it could not be run. */
	rehearsal: RehearsalResult | null;
	milliseconds: number;
}

/** Whose tests are run. */
export interface TestedPipeline {
	pipeline: PipelinePlan;
	itemSchema: ReadItemSchema | null;
}

/** Runs one test and holds its outcome to what it expects. */
export async function runTest(
	file: TestFile,
	test: TestCase,
	{ pipeline, itemSchema }: TestedPipeline,
): Promise<TestResult> {
	const started = performance.now();
	const { problems, rehearsal } = await judge(file, test, pipeline);
	const toDiagnostics = (found: readonly PathDiagnostic[]): Diagnostic[] =>
		found
			.map((problem) => place(problem, { source: file.source, path: problem.path }))
			.sort((one, other) => one.line - other.line || one.column - other.column);
	return {
		test,
		problems: toDiagnostics(problems),
		warnings: toDiagnostics(itemSchema === null ? [] : checkItems(test, pipeline, itemSchema)),
		rehearsal,
		milliseconds: performance.now() - started,
	};
}

type Judgement = { problems: PathDiagnostic[]; rehearsal: RehearsalResult | null };

async function judge({ source }: TestFile, test: TestCase, pipeline: PipelinePlan): Promise<Judgement> {
	const impossible = [...checkNames(test, pipeline), ...checkWrites(test, pipeline)];
	if (impossible.length > 0) return { problems: impossible, rehearsal: null };
	const steps = test.steps.map(({ step }) => step);
	const result = await rehearse({ pipeline, deliverers, steps, failures: test.failures, now: test.now });
	const numberAt = (path: DocumentPath): string => sourceTextAt(source, path);
	const differences = Object.entries(test.expect).flatMap(([consumer, expected]) => {
		const path = [...test.path, "expect", consumer];
		return consumer === "lake"
			? judgeLake(expected, result, path)
			: judgeConsumer(expected, consumer, result, path, numberAt);
	});
	const unused = [...result.unusedFailures].flatMap(([consumer, left]): PathDiagnostic[] =>
		left === 0
			? []
			: [
					{
						code: "test-failure-unused",
						path: [...test.path, "fail", consumer],
						at: "key",
						detail: `${left} of the failures met no attempt: ${consumer} made fewer.`,
						help: "Remove them, or let the test give it more to deliver.",
					},
				],
	);
	const help = "If this is right, change the expectation, or let `pipeline test --update` write it.";
	const mismatches = differences.map(({ path, detail }) => ({
		code: "test-mismatch" as const,
		path,
		at: "value" as const,
		detail,
		help,
	}));
	return { problems: [...mismatches, ...unused], rehearsal: result };
}

/** Consumers and words that a test names must be there. */
function checkNames(test: TestCase, pipeline: PipelinePlan): PathDiagnostic[] {
	const consumers = pipeline.targets.map(({ consumer }) => consumer);
	const hasLake = pipeline.functions.some(({ role }) => role === "lake");
	const unknown = (section: "expect" | "fail", names: Iterable<string>, known: readonly string[]): PathDiagnostic[] =>
		[...names].flatMap((name) =>
			known.includes(name)
				? []
				: [
						{
							code: "test-target-unknown",
							path: [...test.path, section, name],
							at: "key",
							detail: `The pipeline ${pipeline.name} has no consumer "${name}" in this environment.`,
							help: suggest(name, known),
						},
					],
		);
	return [
		...unknown("expect", Object.keys(test.expect), hasLake ? [...consumers, "lake"] : consumers),
		...unknown("fail", test.failures.keys(), consumers),
	];
}

/** Writes that DynamoDB would refuse, found before anything runs. */
function checkWrites(test: TestCase, pipeline: PipelinePlan): PathDiagnostic[] {
	const manifest = pipeline.functions[0]?.manifest;
	if (!manifest) return [];
	const table = createTable(manifest.table, test.now);
	return test.steps.flatMap(({ step, path }): PathDiagnostic[] => {
		if (step.type === "wait" || step.type === "record") return [];
		try {
			table.write(step, test.now);
			return [];
		} catch (error) {
			if (!(error instanceof TableError)) throw error;
			return [
				{
					code: "test-write",
					path,
					at: "value",
					detail: error.message,
					help: "Give every attribute of the table's key, of its type.",
				},
			];
		}
	});
}
