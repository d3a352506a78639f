import type { Condition, ImageTest, ItemEvent, ItemPath } from "../contract/condition.ts";
import { ITEM_EVENTS } from "../contract/condition.ts";
import type { DocumentPath, PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { parseItemPath } from "./item-path.ts";
import { isObject } from "./merge.ts";
import { compileOperators, type SourceText } from "./operators.ts";
import type { Value, ValueObject } from "./values.ts";

export interface CompiledCondition {
	condition: Condition;
	problems: PathDiagnostic[];
}

/** A `when` to a condition. Its form is checked by the schema already; what has a wrong form there is passed over here. */
export function compileCondition(when: ValueObject, path: DocumentPath, sourceText: SourceText): CompiledCondition {
	const problems: PathDiagnostic[] = [];
	const named = Array.isArray(when.events) ? when.events : [];
	const members = Array.isArray(when.any) ? [...when.any.entries()] : [];
	const condition: Condition = {
		events: ITEM_EVENTS.filter((event: ItemEvent) => named.length === 0 || named.includes(event)),
		tests: [
			...compileTests("new", when.new, [...path, "new"], sourceText, problems),
			...compileTests("old", when.old, [...path, "old"], sourceText, problems),
		],
		changed: compileChanged(when.changed, [...path, "changed"], problems),
		any: members.flatMap(([index, member]) => {
			if (!isObject(member)) return [];
			const { any: _, ...flat } = member;
			const compiled = compileCondition(flat, [...path, "any", index], sourceText);
			problems.push(...compiled.problems);
			return [compiled.condition];
		}),
	};
	return { condition, problems };
}

function compileTests(
	image: "new" | "old",
	tests: Value | undefined,
	path: DocumentPath,
	sourceText: SourceText,
	problems: PathDiagnostic[],
): ImageTest[] {
	if (!isObject(tests)) return [];
	return Object.entries(tests).flatMap(([key, value]) => {
		const itemPath = readItemPath(key, [...path, key], "key", problems);
		const operators = compileOperators(value, [...path, key], sourceText);
		problems.push(...operators.problems);
		return operators.operators.map((operator): ImageTest => ({ image, path: itemPath, ...operator }));
	});
}

function compileChanged(changed: Value | undefined, path: DocumentPath, problems: PathDiagnostic[]): ItemPath[] {
	if (!Array.isArray(changed)) return [];
	return changed.flatMap((text, index) =>
		typeof text === "string" ? [readItemPath(text, [...path, index], "value", problems)] : [],
	);
}

function readItemPath(text: string, path: DocumentPath, at: "key" | "value", problems: PathDiagnostic[]): ItemPath {
	const itemPath = parseItemPath(text);
	if (itemPath !== null) return itemPath;
	problems.push({
		code: "condition-path",
		path,
		at,
		detail: `"${text}" is not a path into an item.`,
		help: 'Write names joined by dots, indices of lists in brackets: customer.lines[0].sku. A name with other characters stands in double quotes: customer."first.name".',
	});
	return [];
}
