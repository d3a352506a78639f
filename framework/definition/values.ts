import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { DiagnosticCode } from "../diagnostics/codes.ts";
import type { DocumentPath } from "../diagnostics/diagnostic.ts";
import { keyText } from "./locate.ts";

/** What YAML can say in a definition: JSON without null. */
export type Value = string | number | boolean | Value[] | ValueObject;
export type ValueObject = { [key: string]: Value };

export interface ValueProblem {
	code: DiagnosticCode;
	range: [number, number];
	path: DocumentPath;
	detail: string;
	help: string;
}

export interface Conversion {
	/** Undefined if the document is empty, or too strange to go on with. */
	value: Value | undefined;
	missing: DocumentPath[];
	problems: ValueProblem[];
}

/** A hand-written definition needs few; a file that unfolds to millions of values needs many. Counted as they unfold. */
const MAX_ALIASES = 50;

/** The values of a document, and what in it is no value of a definition. */
export function toValue(document: Document): Conversion {
	const problems: ValueProblem[] = [];
	const missing: DocumentPath[] = [];
	let aliases = 0;

	function report(code: DiagnosticCode, node: Node, path: DocumentPath, detail: string, help: string): void {
		problems.push({ code, range: node.range ? [node.range[0], node.range[1]] : [0, 0], path, detail, help });
	}

	function convert(node: Node, path: DocumentPath): Value | undefined {
		if (isAlias(node)) {
			aliases += 1;
			if (aliases === MAX_ALIASES + 1)
				report(
					"yaml-too-many-aliases",
					node,
					path,
					`A file may use ${MAX_ALIASES} aliases, counted as they unfold.`,
					"Write the values out.",
				);
			const target = aliases > MAX_ALIASES ? undefined : node.resolve(document);
			return target === undefined ? undefined : convert(target, path);
		}
		if (isMap(node)) return convertMap(node.items as Pair<Node, Node | null>[], path);
		if (isSeq(node))
			return node.items.flatMap((item, index) => convertMember(item as Node, item as Node, [...path, index]));
		if (!isScalar(node)) return undefined;
		const { value } = node;
		if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
		if (value !== null)
			report(
				"yaml-unknown-tag",
				node,
				path,
				`Definitions have no values of the type ${node.tag}.`,
				"Write the value without the tag.",
			);
		return undefined;
	}

	function convertMap(pairs: readonly Pair<Node, Node | null>[], path: DocumentPath): ValueObject {
		const entries = pairs.flatMap(({ key, value }): [string, Value][] => {
			const name = keyText(key);
			if (name !== null)
				return convertMember(value ?? key, key, [...path, name], value === null).map((member) => [name, member]);
			report(
				"yaml-key-not-text",
				key,
				path,
				"A key is a word; this is a list, a mapping or nothing.",
				"Write a plain key.",
			);
			return [];
		});
		// Own properties even for a key like __proto__, which an assignment would not make.
		return Object.fromEntries(entries);
	}

	function convertMember(node: Node, shown: Node, path: DocumentPath, absent = false): Value[] {
		const isNull = absent || (isScalar(node) && node.value === null);
		if (isNull) {
			missing.push(path);
			report(
				"yaml-null",
				shown,
				path,
				"Nothing is given here, and definitions have no null.",
				"Give a value, or remove the key.",
			);
			return [];
		}
		const value = convert(node, path);
		return value === undefined ? [] : [value];
	}

	const { contents } = document;
	const isBlank = contents === null || (isScalar(contents) && contents.value === null);
	const value = isBlank ? undefined : convert(contents as Node, []);
	return { value, missing, problems };
}
