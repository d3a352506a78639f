import type { Diagnostic, PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import type { InputFile } from "../read.ts";
import type { Value } from "../values.ts";
import { type ReadItemSchema, readItemSchema } from "./read-item-schema.ts";

/** Item schemas as their project has them. */
export interface ItemSchemaFiles {
	/** Their folder as users shall see it: `schemas/items`. */
	folder: string;
	names: readonly string[];
	/** The file of one of the names, or why it cannot be read. Asked for what pipelines name only. */
	read(name: string): InputFile | Diagnostic;
}

export interface NamedItemSchema {
	/** null if none is named, or if it does not hold. */
	schema: ReadItemSchema | null;
	/** Whether one is named that does not hold: `diagnostics` say why. */
	refused: boolean;
	/** In the pipeline's file. */
	problems: PathDiagnostic[];
}

/** The schemas that pipelines name, each read once. */
export interface ItemSchemaLibrary {
	/** By a pipeline's `itemSchema`. */
	find(value: Value | undefined): NamedItemSchema;
	schemas: Map<string, ReadItemSchema>;
	/** Problems in the schemas' own files. */
	diagnostics: Diagnostic[];
	/** Texts by file, for excerpts. */
	sources: Map<string, string>;
}

export const ITEM_SCHEMA_ENDING = ".schema.json";
const NAME = /^[a-z0-9-]+$/;

const NONE: ItemSchemaFiles = {
	folder: "schemas/items",
	names: [],
	read: () => {
		throw new Error("there is no item schema");
	},
};

export function createItemSchemaLibrary(files: ItemSchemaFiles = NONE): ItemSchemaLibrary {
	const read = new Map<string, ReadItemSchema | null>();
	const library = {
		schemas: new Map<string, ReadItemSchema>(),
		diagnostics: [] as Diagnostic[],
		sources: new Map<string, string>(),
	};
	const readOnce = (name: string): ReadItemSchema | null => {
		const known = read.get(name);
		if (known !== undefined) return known;
		const input = files.read(name);
		const { schema, text, diagnostics } =
			"bytes" in input ? readItemSchema(name, input) : { schema: null, text: "", diagnostics: [input] };
		read.set(name, schema);
		library.diagnostics.push(...diagnostics);
		library.sources.set(input.file, text);
		if (schema !== null) library.schemas.set(name, schema);
		return schema;
	};
	return {
		...library,
		find(value) {
			// What is no name is told by the language's own schema.
			if (typeof value !== "string" || !NAME.test(value)) return { schema: null, refused: false, problems: [] };
			if (!files.names.includes(value)) return { schema: null, refused: true, problems: [missing(value, files)] };
			const schema = readOnce(value);
			return { schema, refused: schema === null, problems: [] };
		},
	};
}

function missing(name: string, { folder, names }: ItemSchemaFiles): PathDiagnostic {
	const write = `Write the schema there: \`{ "type": "object", "properties": { … } }\`.`;
	return {
		code: "item-schema-missing",
		path: ["itemSchema"],
		at: "value",
		detail: `There is no file ${folder}/${name}${ITEM_SCHEMA_ENDING}.`,
		help: names.length === 0 ? write : suggest(name, names),
	};
}
