import { existsSync, readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { isMap, isSeq, parseDocument, stringify } from "yaml";
import { deliverers } from "../../../consumers/deliverers.ts";
import type { StreamRecord } from "../../contract/dynamodb.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import { rehearse } from "../../rehearsal/rehearse.ts";
import { observed } from "./observed.ts";

export interface NewTest {
	name: string;
	/** Files of one record each, with the record in them. */
	fixtures: readonly { file: string; record: StreamRecord }[];
}

/** A file of tests to which nothing can be added at its end. */
export class TestFileClosed extends Error {
	override readonly name = "TestFileClosed";
}

/** A file of tests with one more, or with the first: given these fixtures, everything that happens now is what is expected. The answer is its text. */
export async function addTest(file: string, { name, fixtures }: NewTest, pipeline: PipelinePlan): Promise<string> {
	const before = existsSync(file) ? readFileSync(file, "utf8") : "tests:\n";
	const end = endOfTests(before);
	// Times in what is sent are those of the records: the test must run at theirs.
	const seconds = Math.max(0, ...fixtures.map(({ record }) => record.dynamodb.ApproximateCreationDateTime ?? 0));
	const steps = fixtures.map(({ record }) => ({ type: "record" as const, record }));
	const result = await rehearse({ pipeline, deliverers, steps, failures: new Map(), now: seconds * 1000 });
	const expected = pipeline.targets.map(({ consumer }) => [consumer, observed(consumer, result)]);
	const hasLake = pipeline.functions.some(({ role }) => role === "lake");
	const test = {
		name,
		now: new Date(seconds * 1000).toISOString().replace(".000Z", "Z"),
		given: fixtures.map((fixture) => ({ fixture: relative(dirname(file), fixture.file).replaceAll("\\", "/") })),
		expect: Object.fromEntries([...expected, ...(hasLake ? [["lake", { records: steps.length }]] : [])]),
	};
	const text = stringify([test], { lineWidth: 0 }).replace(/^(?=.)/gm, "  ");
	const gap = before.trimEnd() === "tests:" ? "" : "\n";
	return `${before.slice(0, end).trimEnd()}\n${gap}${text}${before.slice(end)}`;
}

/** Where the list of tests ends: in block style, as the last of the file's keys. */
function endOfTests(text: string): number {
	const { contents } = parseDocument(text);
	const last = isMap(contents) ? contents.items.at(-1) : undefined;
	const list = last && String(last.key) === "tests" ? last.value : undefined;
	const isOpen = last !== undefined && String(last.key) === "tests" && (!isSeq(list) || list.flow !== true);
	if (!isOpen) throw new TestFileClosed("its list of tests is not the last thing in it, or is in brackets");
	return text.length;
}
