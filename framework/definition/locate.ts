import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";
import type { DocumentPath } from "../diagnostics/diagnostic.ts";

/** A range in a file; lines and columns count from 1, the end is exclusive. */
export interface Place {
	line: number;
	column: number;
	endLine: number;
	endColumn: number;
}

/** The part of a read file that places are computed from. */
export interface Located {
	text: string;
	lines: LineCounter;
	document: Document;
}

/** The start of a file: the place of a problem that concerns all of it. */
export const FILE_START: Place = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** Where the key or the value at a path stands; the nearest ancestor's place if there is nothing at the path. */
export function locate(located: Located, path: DocumentPath, at: "key" | "value"): Place {
	let node = resolve(located.document, located.document.contents as Node | null);
	let range: [number, number] | null = rootRange(node);
	for (const [depth, step] of path.entries()) {
		const member = findMember(node, step);
		if (member === null) break;
		const last = depth === path.length - 1;
		// Of an ancestor that lacks the key, its own key says best where to look.
		range = rangeOf(!last || at === "key" ? (member.key ?? member.value) : (member.value ?? member.key)) ?? range;
		node = resolve(located.document, member.value);
	}
	return placeOf(located, range ?? [0, 0]);
}

/** The node at a path, aliases followed; null if there is none. */
export function findNode({ document }: Located, path: DocumentPath): Node | null {
	let node = resolve(document, document.contents as Node | null);
	for (const step of path) node = resolve(document, findMember(node, step)?.value ?? null);
	return node;
}

/** A scalar as it was written: of a number, every digit. Empty where no scalar stands. */
export function sourceTextAt(located: Located, path: DocumentPath): string {
	const node = findNode(located, path);
	return isScalar(node) ? (node.source ?? String(node.value)) : "";
}

/** A range of offsets as lines and columns, without the white space at its end. */
export function placeOf({ text, lines }: Omit<Located, "document">, [start, end]: readonly [number, number]): Place {
	let trimmed = Math.min(end, text.length);
	while (trimmed > start + 1 && /\s/.test(text[trimmed - 1] ?? "")) trimmed -= 1;
	const from = position(lines, Math.min(start, text.length));
	const to = position(lines, Math.max(trimmed, Math.min(start, text.length)));
	return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
}

/** A key as text: as written, so that `4711:` and `"4711":` are one key. Null for what cannot be one. */
export function keyText(key: unknown): string | null {
	if (!isScalar(key) || key.value === null) return null;
	return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function position(lines: LineCounter, offset: number): { line: number; col: number } {
	const found = lines.linePos(offset);
	// A file without a line break, or an empty one, has no lines counted.
	return found.line === 0 ? { line: 1, col: offset + 1 } : found;
}

function resolve(document: Document, node: Node | null): Node | null {
	return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function findMember(node: Node | null, step: string | number): { key: Node | null; value: Node | null } | null {
	if (isSeq(node) && typeof step === "number") {
		const value = node.items[step] as Node | undefined;
		return value === undefined ? null : { key: null, value };
	}
	if (!isMap(node)) return null;
	const pair = node.items.find(({ key }) => keyText(key) === String(step)) as Pair<Node, Node | null> | undefined;
	return pair === undefined ? null : { key: pair.key, value: pair.value };
}

/** A problem of the whole document is shown at its first key, not over all of its lines. */
function rootRange(node: Node | null): [number, number] | null {
	return rangeOf(isMap(node) ? ((node.items[0]?.key as Node | undefined) ?? node) : node);
}

function rangeOf(node: Node | null): [number, number] | null {
	return node?.range ? [node.range[0], node.range[1]] : null;
}
