import type { Condition, ImageTest, ItemEvent, ItemPath, Operator } from "../contract/condition.ts";
import { ITEM_EVENTS } from "../contract/condition.ts";
import type { DocumentPath, PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { parseItemPath } from "./item-path.ts";
import { isObject } from "./merge.ts";
import { compileOperators, type SourceText } from "./operators.ts";
import type { Value, ValueObject } from "./values.ts";

export interface CompiledCondition {
	condition: Condition;
	/** What is asked of which attribute, and where in the file. */
	asked: AskedAttribute[];
	problems: PathDiagnostic[];
}

/** An attribute that a condition names. */
export interface AskedAttribute {
	itemPath: ItemPath;
	path: DocumentPath;
	at: "key" | "value";
	/** Each with its own place; none for what is only asked to change. */
	operators: { operator: Operator; path: DocumentPath }[];
}

/** A `when` to a condition. Its form is checked by the schema already; what has a wrong form there is passed over here. */
export function compileCondition(when: ValueObject, path: DocumentPath, sourceText: SourceText): CompiledCondition {
	const found: Found = { asked: [], problems: [] };
	const named = Array.isArray(when.events) ? when.events : [];
	const members = Array.isArray(when.any) ? [...when.any.entries()] : [];
	const condition: Condition = {
		events: ITEM_EVENTS.filter((event: ItemEvent) => named.length === 0 || named.includes(event)),
		tests: [
			...compileTests("new", when.new, [...path, "new"], sourceText, found),
			...compileTests("old", when.old, [...path, "old"], sourceText, found),
		],
		changed: compileChanged(when.changed, [...path, "changed"], found),
		any: members.flatMap(([index, member]) => {
			if (!isObject(member)) return [];
			const { any: _, ...flat } = member;
			const compiled = compileCondition(flat, [...path, "any", index], sourceText);
			found.asked.push(...compiled.asked);
			found.problems.push(...compiled.problems);
			return [compiled.condition];
		}),
	};
	return { condition, ...found };
}

type Found = Omit<CompiledCondition, "condition">;

function compileTests(
	image: "new" | "old",
	tests: Value | undefined,
	path: DocumentPath,
	sourceText: SourceText,
	found: Found,
): ImageTest[] {
	if (!isObject(tests)) return [];
	return Object.entries(tests).flatMap(([key, value]) => {
		const at = [...path, key];
		const itemPath = readItemPath(key, at, "key", found.problems);
		const { operators, problems } = compileOperators(value, at, sourceText);
		found.problems.push(...problems);
		const placed = operators.map((operator) => ({ operator, path: isObject(value) ? [...at, operator.op] : at }));
		found.asked.push({ itemPath, path: at, at: "key", operators: placed });
		return operators.map((operator): ImageTest => ({ image, path: itemPath, ...operator }));
	});
}

function compileChanged(changed: Value | undefined, path: DocumentPath, found: Found): ItemPath[] {
	if (!Array.isArray(changed)) return [];
	return changed.flatMap((text, index) => {
		if (typeof text !== "string") return [];
		const at = [...path, index];
		const itemPath = readItemPath(text, at, "value", found.problems);
		found.asked.push({ itemPath, path: at, at: "value", operators: [] });
		return [itemPath];
	});
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
