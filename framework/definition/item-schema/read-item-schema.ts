import type { ValidateFunction } from "ajv/dist/2020.js";
import type { ItemSchema } from "../../contract/item-schema.ts";
import { DIAGNOSTIC_CODES } from "../../diagnostics/codes.ts";
import type { Diagnostic, PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { FILE_START } from "../locate.ts";
import type { InputFile } from "../read.ts";
import { checkMetaSchema, compileSchema } from "./ajv.ts";
import { checkSchema } from "./check-schema.ts";
import { classifiedOf, TooManyClassified } from "./classified.ts";
import { columnsOf, MOST_COLUMNS } from "./columns.ts";
import { type JsonSource, placeInJson, readJson } from "./read-json.ts";
import { readingsOf, typesOf } from "./readings.ts";
import { isSchemaObject, type SchemaObject } from "./schema.ts";

/** A schema that somebody wrote by hand is far below; a file beyond is not read on. */
export const MOST_SCHEMA_BYTES = 262_144;

/** A schema that holds: what the plan needs of it, and what checks do. */
export interface ReadItemSchema {
	file: string;
	root: SchemaObject;
	summary: ItemSchema;
	/** Whether an item as plain JSON is valid. */
	validate: ValidateFunction;
}

export interface ItemSchemaResult {
	/** null if something in it is an error. */
	schema: ReadItemSchema | null;
	/** For excerpts. */
	text: string;
	diagnostics: Diagnostic[];
}

/** A file's bytes to an item schema, with everything that is wrong in it. Nothing outside the file is ever read. */
export function readItemSchema(name: string, input: InputFile): ItemSchemaResult {
	if (input.bytes.length > MOST_SCHEMA_BYTES)
		return { schema: null, text: "", diagnostics: [tooManyBytes(input.file)] };
	const { source, text, diagnostics } = readJson(input);
	if (source === null) return { schema: null, text, diagnostics };
	const { schema, problems } = readBounded(name, source);
	return { schema, text, diagnostics: problems.map((problem) => placeInJson(problem, source)) };
}

interface SourceResult {
	schema: ReadItemSchema | null;
	problems: PathDiagnostic[];
}

const refuse = (...problems: PathDiagnostic[]): SourceResult => ({ schema: null, problems });

/** Schemas in schemas, or references that lead to references, by the thousand end the stack of whoever follows them. */
function readBounded(name: string, source: JsonSource): SourceResult {
	try {
		return readSource(name, source);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		return refuse({
			code: "item-schema-too-large",
			path: [],
			at: "key",
			detail: "Schemas lie in each other, or refer to each other, in too many levels.",
			help: "Describe fewer levels; what is left out is JSON in the views.",
		});
	}
}

function readSource(name: string, { file, value }: JsonSource): SourceResult {
	if (!isSchemaObject(value)) return refuse(notAnObject());
	// The rest takes each keyword for what its own schema makes of it.
	const malformed = checkMetaSchema(value);
	if (malformed.length > 0) return refuse(...malformed);
	const { problems, refused } = checkSchema(value);
	if (refused) return refuse(...problems);
	const readings = readingsOf(value, value);
	if (readings.length === 0 || !readings.every((reading) => [...typesOf(reading)].join() === "object"))
		return refuse(...problems, notAnObject());
	try {
		const { columns, cut } = columnsOf(value);
		const summary = { name, columns, classified: classifiedOf(value) };
		const validate = compile(value);
		if (typeof validate !== "function") return refuse(...problems, validate);
		return { schema: { file, root: value, summary, validate }, problems: cut ? [...problems, columnsCut()] : problems };
	} catch (error) {
		if (error instanceof TooManyClassified) return refuse(...problems, tooManyClassified(error.message));
		throw error;
	}
}

/** What neither JSON Schema's own schema nor ours finds: two anchors of one name, an `$id` that is no URI. */
function compile(root: SchemaObject): ValidateFunction | PathDiagnostic {
	try {
		return compileSchema(root);
	} catch (error) {
		if (error instanceof RangeError) throw error;
		return {
			code: "item-schema-invalid",
			path: [],
			at: "key",
			detail: `The schema cannot be used: ${(error as Error).message}.`,
			help: "Correct the schema.",
		};
	}
}

function columnsCut(): PathDiagnostic {
	return {
		code: "item-schema-columns",
		path: ["properties"],
		at: "key",
		detail: `Views have room for ${MOST_COLUMNS} columns and members of columns. The schema describes more, and what comes last has none.`,
		help: "It is in `item`, `new` and `old`. To choose what has a column, describe it first, and leave `properties` out where the rest shall be JSON.",
	};
}

function notAnObject(): PathDiagnostic {
	return {
		code: "item-schema-root",
		path: ["type"],
		at: "value",
		detail: "An item is a map of attributes, and the schema takes other values, too.",
		help: 'Give the root `"type": "object"` and describe the attributes below `properties`.',
	};
}

function tooManyClassified(what: string): PathDiagnostic {
	return {
		code: "item-schema-too-large",
		path: [],
		at: "key",
		detail: `The schema marks more fields with \`x-class\` than can be followed: ${what}.`,
		help: "Mark the objects around them.",
	};
}

function tooManyBytes(file: string): Diagnostic {
	return {
		code: "item-schema-too-large",
		...DIAGNOSTIC_CODES["item-schema-too-large"],
		file,
		...FILE_START,
		path: "",
		detail: `The file has more than ${MOST_SCHEMA_BYTES} bytes.`,
		help: "Describe the attributes that are asked for, and leave the others out.",
	};
}
