import { Ajv as Ajv07, type Options } from "ajv";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { DATE_PATTERN, DATE_TIME_PATTERN } from "../../contract/item-schema.ts";
import type { PathDiagnostic } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { toPath } from "../shape-errors.ts";
import type { SchemaObject } from "./schema.ts";

const OPTIONS: Options = {
	allErrors: true,
	// JSON Schema lets keywords be that a validator does not know; `checkSchema` warns of them.
	strict: false,
	logger: false,
	// Each error tells the value that it is of.
	verbose: true,
	// A large definition that is referred to a thousand times would be written out a thousand times.
	inlineRefs: false,
	// 0.07 is a multiple of 0.01, though no double is.
	multipleOfPrecision: 9,
	// Those that views have a type for. Other formats say nothing, as the standard has it.
	formats: { "date-time": new RegExp(DATE_TIME_PATTERN), date: new RegExp(DATE_PATTERN) },
};

/** The dialects that are known, by their `$schema`. */
const DIALECTS: Readonly<Record<string, (more?: Options) => Ajv2020 | Ajv07>> = {
	"https://json-schema.org/draft/2020-12/schema": (more) => new Ajv2020({ ...OPTIONS, ...more }),
	"http://json-schema.org/draft-07/schema": (more) => new Ajv07({ ...OPTIONS, ...more }),
};
const NEWEST = "https://json-schema.org/draft/2020-12/schema";

const dialectOf = ({ $schema = NEWEST }: SchemaObject): string => String($schema).replace(/#$/, "");

/** A validator of its own for each schema: `$id`s of two of them may be one. The schema was checked before. */
export function compileSchema(schema: SchemaObject): ValidateFunction {
	const create = DIALECTS[dialectOf(schema)];
	if (create === undefined) throw new Error("the schema's dialect was not checked");
	return create({ meta: false, validateSchema: false }).compile(schema);
}

/** By dialect: a dialect's own schema takes longer to compile than most schemas of it. */
const judges = new Map<string, Ajv2020 | Ajv07>();

/** What in a schema is no JSON Schema. */
export function checkMetaSchema(schema: SchemaObject): PathDiagnostic[] {
	const dialect = dialectOf(schema);
	const ajv = judges.get(dialect) ?? DIALECTS[dialect]?.();
	if (ajv === undefined)
		return [
			{
				code: "item-schema-invalid",
				path: ["$schema"],
				at: "value",
				detail: "This dialect of JSON Schema is not known, and nothing is fetched.",
				help: suggest(dialect, Object.keys(DIALECTS)),
			},
		];
	judges.set(dialect, ajv);
	if (ajv.validateSchema(schema)) return [];
	return firstOfEach(ajv.errors ?? []).map(({ keyword, instancePath, message, params, data }) => {
		const path = toPath({ instancePath });
		const known = keyword === "enum" ? params.allowedValues.map(String) : null;
		return {
			code: "item-schema-invalid",
			path,
			at: "value",
			detail: `JSON Schema's \`${path.at(-1) ?? "schema"}\` ${message}.`,
			help: known === null ? "Correct the schema at this place." : suggest(String(data), known),
		};
	});
}

/** One error for each place and each member that lacks or is too many: the most telling, and none of those that merely follow from what is wrong deeper. */
export function firstOfEach(errors: readonly ErrorObject[]): ErrorObject[] {
	const telling = errors.filter(({ keyword }) => !["anyOf", "$ref", "$dynamicRef", "if"].includes(keyword));
	const places = Map.groupBy(telling.length > 0 ? telling : errors, ({ instancePath, params }) => {
		const { missingProperty, additionalProperty, unevaluatedProperty } = params;
		return `${instancePath} ${missingProperty ?? additionalProperty ?? unevaluatedProperty ?? ""}`;
	});
	return [...places.values()].flatMap((each) => each.find(({ keyword }) => keyword === "enum") ?? each.slice(0, 1));
}
