import type { Item } from "../../contract/dynamodb.ts";
import { findItemProblems, type ItemProblem } from "../../definition/item-schema/item-problems.ts";
import type { ReadItemSchema } from "../../definition/item-schema/read-item-schema.ts";
import type { DocumentPath, PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import { createTable, TableError } from "../../rehearsal/table.ts";
import { toPlainItem } from "./plain-item.ts";
import type { TestCase } from "./read-test-file.ts";

/** Items that a test writes and that break their schema. Fixtures are what happened, whatever the schema says. */
export function checkItems(test: TestCase, pipeline: PipelinePlan, schema: ReadItemSchema): PathDiagnostic[] {
	const manifest = pipeline.functions[0]?.manifest;
	if (!manifest) return [];
	// What an update leaves is seen in the record's new image, whatever the table's own records hold.
	const table = createTable({ ...manifest.table, viewType: "NEW_AND_OLD_IMAGES" }, test.now);
	return test.steps.flatMap(({ step, path }) => {
		if (step.type === "wait" || step.type === "record") return [];
		try {
			const record = table.write(step, test.now);
			const item = record?.dynamodb.NewImage;
			if (item === undefined) return [];
			const problems = findItemProblems(schema, toPlainItem(item));
			// An update answers for what it sets; for what lacks only if the item begins with it.
			const own =
				step.type === "update"
					? problems.filter((problem) => concerns(problem, step.item, record?.eventName === "INSERT"))
					: problems;
			return own.map((problem) => describeItemProblem(problem, [...path, step.type], schema));
		} catch (error) {
			// The test says so itself.
			if (error instanceof TableError) return [];
			throw error;
		}
	});
}

function concerns({ path: [name] }: ItemProblem, set: Item, begins: boolean): boolean {
	return name === undefined ? begins : Object.hasOwn(set, name);
}

const HELP = "Correct the item, or the schema; nothing checks what producers write.";

/** `base` is where the item stands in its file. */
export function describeItemProblem(
	{ path, at, detail, hint }: ItemProblem,
	base: DocumentPath,
	{ file }: ReadItemSchema,
): PathDiagnostic {
	return {
		code: "item-invalid",
		path: [...base, ...path],
		at,
		detail: `${detail} by the item schema (${file}).`,
		help: hint === "" ? HELP : `${hint} ${HELP}`,
	};
}
