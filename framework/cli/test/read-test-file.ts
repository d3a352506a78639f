import { readFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import schema from "../../../schemas/core/test.json" with { type: "json" };
import type { StreamRecord } from "../../contract/dynamodb.ts";
import { place } from "../../definition/compile.ts";
import { sourceTextAt } from "../../definition/locate.ts";
import { readSource, type Source } from "../../definition/read.ts";
import { checkAgainst } from "../../definition/shape.ts";
import type { Value, ValueObject } from "../../definition/values.ts";
import { type Diagnostic, type DocumentPath, hasErrors, type PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import type { Failure } from "../../rehearsal/outside.ts";
import type { Step } from "../../rehearsal/rehearse.ts";
import { decodeEvent } from "../../runtime/arrival.ts";
import { createItemReader, type ItemReader } from "./items.ts";

export interface TestCase {
	name: string;
	path: DocumentPath;
	/** Epoch milliseconds. */
	now: number;
	steps: { step: Step; path: DocumentPath }[];
	failures: Map<string, Failure[]>;
	/** By consumer, as written. */
	expect: ValueObject;
}

export interface TestFile {
	file: string;
	absolute: string;
	pipeline: string;
	environment: string;
	tests: TestCase[];
	source: Source;
}

export interface ReadTestFile {
	/** null if something in it is an error. */
	file: TestFile | null;
	diagnostics: Diagnostic[];
	text: string;
}

const DEFAULT_NOW = "2026-01-01T00:00:00Z";

/** Reads a file of tests; whatever is wrong with it becomes a diagnostic. */
export function readTestFile(absolute: string, cwd: string): ReadTestFile {
	const file = relative(cwd, absolute).replaceAll("\\", "/");
	const { source, text, diagnostics } = readSource({ file, bytes: readFileSync(absolute) });
	if (source === null || hasErrors(diagnostics)) return { file: null, diagnostics, text };
	const value = structuredClone(source.value);
	const problems = checkAgainst(schema, value, []);
	const reader = createItemReader((path) => sourceTextAt(source, path));
	const tests = problems.length > 0 ? [] : readTests(value, absolute, reader, problems);
	problems.push(...reader.problems);
	if (problems.length > 0) {
		const placed = problems.map((problem) => place(problem, { source, path: problem.path }));
		return { file: null, diagnostics: placed, text };
	}
	const pipeline =
		typeof value.pipeline === "string" ? value.pipeline : basename(absolute).replace(/\.test\.ya?ml$/, "");
	return {
		file: { file, absolute, pipeline, environment: String(value.environment), tests, source },
		diagnostics,
		text,
	};
}

function readTests(value: ValueObject, absolute: string, reader: ItemReader, problems: PathDiagnostic[]): TestCase[] {
	return (value.tests as ValueObject[]).map((test, index) => {
		const path = ["tests", index];
		const steps = (test.given as ValueObject[]).flatMap((step, number) => {
			const at = [...path, "given", number];
			return readSteps(step, at, absolute, reader, problems).map((each) => ({ step: each, path: at }));
		});
		return {
			name: String(test.name),
			path,
			now: Date.parse(String(test.now ?? DEFAULT_NOW)),
			steps,
			failures: new Map(
				Object.entries(test.fail as ValueObject).map(([consumer, list]) => [
					consumer,
					(list as Value[]).map((each, number) => readFailure(each, [...path, "fail", consumer, number], problems)),
				]),
			),
			expect: test.expect as ValueObject,
		};
	});
}

function readFailure(value: Value, path: DocumentPath, problems: PathDiagnostic[]): Failure {
	if (value === "timeout" || value === "error") return value;
	if (typeof value === "number" && value >= 100 && value <= 599) return value;
	problems.push({
		code: "value-not-allowed",
		path,
		at: "value",
		detail: `"${value}" is no way for an attempt to fail.`,
		help: "Use an HTTP status, `timeout` or `error`.",
	});
	return "error";
}

function readSteps(
	step: ValueObject,
	path: DocumentPath,
	absolute: string,
	reader: ItemReader,
	problems: PathDiagnostic[],
): Step[] {
	const [[type, content] = ["", ""]] = Object.entries(step);
	const at = [...path, type];
	if (type === "waitSeconds") return [{ type: "wait", seconds: Number(content) }];
	if (type === "fixture") return readFixture(String(content), at, absolute, problems);
	const item = reader.item(content as ValueObject, at);
	if (type === "put" || type === "update") return [{ type, item }];
	return [{ type: type as "delete" | "expire", key: item }];
}

/** A Lambda event, a list of records or one record: as `lake cat`, `fixtures pull` and AWS's own samples have them. */
function readFixture(name: string, path: DocumentPath, absolute: string, problems: PathDiagnostic[]): Step[] {
	const refuse = (detail: string): Step[] => {
		problems.push({
			code: "test-fixture",
			path,
			at: "value",
			detail,
			help: "Name a JSON file of a Lambda event or of stream records.",
		});
		return [];
	};
	let json: unknown;
	try {
		const text = readFileSync(resolve(dirname(absolute), name), "utf8");
		json = /\.(ndjson|jsonl)$/.test(name)
			? text
					.split("\n")
					.filter(Boolean)
					.map((line) => JSON.parse(line))
			: JSON.parse(text);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		// The system's own message holds the path on this machine.
		return refuse(`${name} cannot be read: ${code === undefined ? message : `the system answers ${code}.`}`);
	}
	const Records = Array.isArray(json) ? json : ((json as { Records?: unknown }).Records ?? [json]);
	const states = decodeEvent({ Records }).map((arrival) => arrival.state("both"));
	const broken = states.find(({ status }) => status !== "ready");
	if (broken && broken.status !== "ready") return refuse(`${name}: ${broken.reason}`);
	return states.flatMap((state) =>
		state.status === "ready" ? [{ type: "record", record: state.record as StreamRecord }] : [],
	);
}
