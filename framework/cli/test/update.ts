import { dirname } from "node:path";
import { isMap, type Node, type Pair, stringify } from "yaml";
import { findNode } from "../../definition/locate.ts";
import type { DocumentPath } from "../../diagnostics/diagnostic.ts";
import { writeFiles } from "../write-files.ts";
import { observed } from "./observed.ts";
import type { TestFile } from "./read-test-file.ts";
import type { TestResult } from "./run-test.ts";

/** A part of the file's text and what takes its place. */
interface Edit {
	start: number;
	end: number;
	text: string;
}

/**
 * Writes what came as what is expected, for each consumer whose expectation failed. Answers how many. Only those places are
 * written: everything else in the file, comments and the digits of numbers included, stays as it is.
 */
export function updateExpectations({ source, absolute }: TestFile, results: readonly TestResult[]): number {
	const edits = results.flatMap(({ test, problems, rehearsal }) => {
		if (!rehearsal) return [];
		const failed = problems.filter(({ code }) => code === "test-mismatch");
		return Object.keys(test.expect).flatMap((consumer): Edit[] => {
			if (!failed.some(({ path }) => concerns(path, consumer))) return [];
			const records = [...rehearsal.lake.values()].reduce((sum, lines) => sum + lines.length, 0);
			const value = consumer === "lake" ? { records } : observed(consumer, rehearsal);
			return [editOf([...test.path, "expect"], consumer, value, source)];
		});
	});
	let text = source.text;
	for (const { start, end, text: replacement } of edits.toSorted((one, other) => other.start - one.start))
		text = text.slice(0, start) + replacement + text.slice(end);
	if (edits.length > 0) writeFiles([{ path: absolute, text }], dirname(absolute));
	return edits.length;
}

/** Puts a value behind its key: in a block below it, or on its line where the file is written in flow style. */
function editOf(parent: DocumentPath, key: string, value: unknown, source: TestFile["source"]): Edit {
	const map = findNode(source, parent);
	const pair = isMap(map) ? map.items.find((each) => String(each.key) === key) : undefined;
	const { key: keyNode, value: valueNode } = (pair ?? {}) as Pair<Node, Node>;
	if (!keyNode?.range || !valueNode?.range) throw new Error(`${key} does not stand in ${source.file}`);
	const start = source.text.indexOf(":", keyNode.range[1]) + 1;
	const old = source.text.slice(start, valueNode.range[1]);
	const end = start + old.trimEnd().length;
	const inFlow = parent.some((_, depth) => isFlow(findNode(source, parent.slice(0, depth + 1))));
	if (inFlow || typeof value !== "object")
		return { start, end, text: ` ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd()}` };
	const lineStart = source.text.lastIndexOf("\n", keyNode.range[0]) + 1;
	const indent = " ".repeat(keyNode.range[0] - lineStart + 2);
	const block = stringify(value, { lineWidth: 0 }).trimEnd();
	return { start, end, text: `\n${block.replace(/^(?=.)/gm, indent)}` };
}

const isFlow = (node: Node | null): boolean => node !== null && "flow" in node && node.flow === true;

/** A diagnostic's path names the consumer right behind `expect`. */
function concerns(path: string, consumer: string): boolean {
	const [, rest = ""] = path.split("expect.");
	return rest === consumer || rest.startsWith(`${consumer}.`) || rest.startsWith(`"${consumer}"`);
}
