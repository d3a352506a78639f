import type { DiagnosticCode } from "../../diagnostics/codes.ts";
import type { DocumentPath, PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { findNearest } from "../../diagnostics/suggest.ts";
import { checkReferences, UNFOLLOWED } from "./check-references.ts";
import { CLASS_KEYWORD, classesOf } from "./classified.ts";
import { isSchemaObject, KEYWORDS, type SchemaObject, subschemas } from "./schema.ts";

/** Levels of schemas in schemas; the deepest by hand are far below. */
const DEEPEST = 32;
const CLASS = /^[a-z][a-z0-9-]{0,39}$/;

/** What JSON Schema's own schema cannot say of a schema: `refused` when something is an error. */
export function checkSchema(root: SchemaObject): { problems: PathDiagnostic[]; refused: boolean } {
	const problems: PathDiagnostic[] = [];
	let refused = false;
	const report = (
		code: DiagnosticCode,
		path: DocumentPath,
		detail: string,
		help: string,
		at: "key" | "value" = "value",
	) => {
		problems.push({ code, path, at, detail, help });
		refused ||= code !== "item-schema-keyword";
	};
	const places = new Map<SchemaObject, DocumentPath>();
	const visit = (schema: SchemaObject, path: DocumentPath, depth: number): void => {
		places.set(schema, path);
		if (depth > DEEPEST) {
			const detail = `Schemas lie in schemas more than ${DEEPEST} levels deep.`;
			const help = "Describe fewer levels; what is left out is JSON in the views.";
			report("item-schema-too-large", path, detail, help);
			return;
		}
		checkKeywords(schema, path, report);
		checkPatterns(schema, path, report);
		checkClass(schema, path, report);
		for (const { path: step, schema: inner } of subschemas(schema))
			if (isSchemaObject(inner)) visit(inner, [...path, ...step], depth + 1);
	};
	visit(root, [], 0);
	checkReferences(root, places, report);
	return { problems, refused };
}

export type Report = (
	code: DiagnosticCode,
	path: DocumentPath,
	detail: string,
	help: string,
	at?: "key" | "value",
) => void;

/** The standard ignores what it does not know, and so does this; a slip would go unnoticed. */
function checkKeywords(schema: SchemaObject, path: DocumentPath, report: Report): void {
	for (const keyword of Object.keys(schema)) {
		if (KEYWORDS.includes(keyword) || isOwnName(keyword) || UNFOLLOWED.includes(keyword)) continue;
		const nearest = findNearest(keyword, [...KEYWORDS, CLASS_KEYWORD]);
		const help = nearest === null ? "Begin names of your own with `x-`." : `Did you mean "${nearest}"?`;
		report(
			"item-schema-keyword",
			[...path, keyword],
			`JSON Schema has no keyword "${keyword}", so it says nothing.`,
			help,
			"key",
		);
	}
}

/** `x-` begins names of whoever writes the schema. A slip in the one that is ours would leave a field unmarked. */
const isOwnName = (keyword: string): boolean =>
	keyword === CLASS_KEYWORD || (keyword.startsWith("x-") && !/^x-?clas+(es)?$/i.test(keyword));

function checkPatterns({ pattern, patternProperties }: SchemaObject, path: DocumentPath, report: Report): void {
	const check = (text: string, at: DocumentPath, shown: "key" | "value"): void => {
		try {
			new RegExp(text, "u");
		} catch {
			const detail = "This is no regular expression of ECMA-262, the only ones that JSON Schema has.";
			report(
				"item-schema-invalid",
				at,
				detail,
				"Look for brackets that are open and for escapes of other languages.",
				shown,
			);
		}
	};
	if (typeof pattern === "string") check(pattern, [...path, "pattern"], "value");
	if (isSchemaObject(patternProperties))
		for (const name of Object.keys(patternProperties)) check(name, [...path, "patternProperties", name], "key");
}

function checkClass(schema: SchemaObject, path: DocumentPath, report: Report): void {
	if (!Object.hasOwn(schema, CLASS_KEYWORD)) return;
	const classes: unknown[] = classesOf(schema);
	if (classes.length > 0 && classes.every((each) => typeof each === "string" && CLASS.test(each))) return;
	report(
		"item-schema-invalid",
		[...path, CLASS_KEYWORD],
		"A class is one lower-case word, or a list of them: letters, digits and hyphens, at most 40 characters.",
		'Write `"x-class": "pii"`.',
	);
}
