import jsonc, { type Node, type ParseError } from "jsonc-parser";
import { LineCounter } from "yaml";
import { DIAGNOSTIC_CODES } from "../../diagnostics/codes.ts";
import { type Diagnostic, type DocumentPath, formatPath, type PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { FILE_START, type Place, placeOf } from "../locate.ts";
import type { InputFile } from "../read.ts";

/** A JSON file that could be read: its value, and where each part of it stands. */
export interface JsonSource {
	file: string;
	text: string;
	lines: LineCounter;
	tree: Node;
	value: unknown;
}

export interface ReadJson {
	/** null if something in it is an error. */
	source: JsonSource | null;
	/** For excerpts. */
	text: string;
	diagnostics: Diagnostic[];
}

/** A file's bytes to a JSON value with its places. The text is untrusted: whatever stands in it becomes a diagnostic. */
export function readJson({ file, bytes }: InputFile): ReadJson {
	const text = decode(bytes);
	const lines = countLines(text ?? "");
	const refuse = (code: Diagnostic["code"], place: Place, detail: string, help: string): ReadJson => ({
		source: null,
		text: text ?? "",
		diagnostics: [{ code, ...DIAGNOSTIC_CODES[code], file, ...place, path: "", detail, help }],
	});
	if (text === null)
		return refuse(
			"file-not-utf8",
			FILE_START,
			"The file holds bytes that are not UTF-8.",
			"Save it with the encoding UTF-8.",
		);
	if (text.trim() === "")
		return refuse("file-empty", FILE_START, "The file holds no value.", "Write a schema, or remove the file.");
	const parsed = parse(text);
	if (parsed === null)
		return refuse("json-syntax", FILE_START, "The values are nested too deeply.", "Write the file with fewer levels.");
	const [first] = parsed.errors;
	if (first !== undefined) {
		const place = placeOf({ text, lines }, [first.offset, first.offset + first.length]);
		const sentence = SENTENCES[jsonc.printParseErrorCode(first.error)] ?? "This is no JSON";
		return refuse("json-syntax", place, `${sentence}.`, "Correct the JSON at this place.");
	}
	const { tree, value, duplicates } = parsed;
	const source: JsonSource = { file, text, lines, tree, value };
	return {
		source: duplicates.length === 0 ? source : null,
		text,
		diagnostics: duplicates.map((key) => describeDuplicate(source, key)),
	};
}

/** A problem in a JSON file, with its place there. */
export function placeInJson({ code, path, at, detail, help }: PathDiagnostic, source: JsonSource): Diagnostic {
	return {
		code,
		...DIAGNOSTIC_CODES[code],
		file: source.file,
		...locateInJson(source, path, at),
		path: formatPath(path),
		detail,
		help,
	};
}

/** Where the key or the value at a path stands; the nearest ancestor's place if there is nothing at the path. */
function locateInJson(source: JsonSource, path: DocumentPath, at: "key" | "value"): Place {
	let node = source.tree;
	let depth = 0;
	for (const step of path) {
		const member = findMember(node, step);
		if (member === undefined) break;
		node = member;
		depth += 1;
	}
	const key = node.parent?.type === "property" ? node.parent.children?.[0] : undefined;
	const hasMembers = node.type === "object" || node.type === "array";
	// What has members is shown by its key, not over all of its lines.
	if (key && (at === "key" || hasMembers || depth < path.length))
		return placeOf(source, [key.offset, key.offset + key.length]);
	return placeOf(source, [node.offset, node.offset + (hasMembers ? 1 : node.length)]);
}

function findMember({ type, children }: Node, step: string | number): Node | undefined {
	if (type === "array") return children?.[Number(step)];
	return children?.find(({ children: pair }) => pair?.[0]?.value === String(step))?.children?.[1];
}

const SENTENCES: Readonly<Record<string, string>> = {
	InvalidSymbol: "This word is none of JSON's",
	InvalidNumberFormat: "This is no number of JSON's",
	PropertyNameExpected: "A name in double quotes is missing; before a closing brace stands no comma",
	ValueExpected: "A value is missing; before a closing bracket stands no comma",
	ColonExpected: "A colon is missing",
	CommaExpected: "A comma is missing",
	CloseBraceExpected: "A closing brace is missing",
	CloseBracketExpected: "A closing bracket is missing",
	EndOfFileExpected: "The JSON has ended before this",
	InvalidCommentToken: "JSON has no comments",
	UnexpectedEndOfComment: "JSON has no comments",
	UnexpectedEndOfString: "The text has no closing quote",
	UnexpectedEndOfNumber: "The number has no end",
	InvalidUnicode: "This is no escape of a Unicode character",
	InvalidEscapeCharacter: "JSON has no such escape",
	InvalidCharacter: "This character must be escaped",
};

interface Parsed {
	tree: Node;
	errors: ParseError[];
	/** Undefined if there are errors. */
	value: unknown;
	duplicates: Node[];
}

/** null for a text that is nested too deeply. */
function parse(text: string): Parsed | null {
	const errors: ParseError[] = [];
	try {
		const tree = jsonc.parseTree(text, errors, { disallowComments: true });
		if (tree === undefined || errors.length > 0)
			return { tree: { type: "null", offset: 0, length: 0 }, errors, value: undefined, duplicates: [] };
		return { tree, errors, value: JSON.parse(text), duplicates: findDuplicates(tree) };
	} catch (error) {
		// Each of these recurses: thousands of open brackets end its stack.
		if (!(error instanceof RangeError)) throw error;
		return null;
	}
}

function decode(bytes: Uint8Array): string | null {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return null;
	}
}

function countLines(text: string): LineCounter {
	const lines = new LineCounter();
	lines.addNewLine(0);
	for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
	return lines;
}

/** Keys that stand in their object already: only one of two values could count. */
function findDuplicates(node: Node): Node[] {
	const children = node.children ?? [];
	const names = new Set<string>();
	const own = children.flatMap((property): Node[] => {
		const key = node.type === "object" ? property.children?.[0] : undefined;
		if (key === undefined) return [];
		if (names.has(key.value)) return [key];
		names.add(key.value);
		return [];
	});
	return [...own, ...children.flatMap(findDuplicates)];
}

function describeDuplicate(source: JsonSource, key: Node): Diagnostic {
	return {
		code: "json-duplicate-key",
		...DIAGNOSTIC_CODES["json-duplicate-key"],
		file: source.file,
		...placeOf(source, [key.offset, key.offset + key.length]),
		path: formatPath(jsonc.getNodePath(key)),
		detail: "This key stands in its object already; only one of the two values could count.",
		help: "Remove one of them.",
	};
}
