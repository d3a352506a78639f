import type { ErrorObject } from "ajv/dist/2020.js";
import type { DiagnosticCode } from "../diagnostics/codes.ts";
import { type DocumentPath, formatPath, type PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";

/** Settings of the language that this version does not know yet. Refused by name: to ignore `redact` would leak. */
const UNSUPPORTED = new Set(["select", "redact", "allow"]);

/** ajv's errors as diagnostics, paths below `base`; what merely follows from another error is left out. */
export function describeShapeErrors(errors: readonly ErrorObject[], base: DocumentPath): PathDiagnostic[] {
	const alternatives = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf");
	return (
		errors
			.filter((error) => error.keyword !== "if" && error.keyword !== "propertyNames")
			// That the key is missing is said already.
			.filter(({ keyword, params }) => keyword !== "discriminator" || params.tagValue !== undefined)
			.filter(({ schemaPath }) => !alternatives.some((choice) => schemaPath.startsWith(`${choice.schemaPath}/`)))
			.map((error) => describe(error, [...base, ...toPath(error)]))
	);
}

/** A JSON pointer as a path. List indices become numbers: no key of a definition is all digits below a list. */
export function toPath({ instancePath }: Pick<ErrorObject, "instancePath">): (string | number)[] {
	return instancePath
		.split("/")
		.slice(1)
		.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
		.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

const COMPARISONS: Record<string, string> = {
	minimum: "at least",
	maximum: "at most",
	exclusiveMinimum: "more than",
	exclusiveMaximum: "less than",
};

function describe(error: ErrorObject, path: DocumentPath): PathDiagnostic {
	const name = path.length === 0 ? "The definition" : `\`${formatPath(path)}\``;
	const says = String(error.parentSchema?.description ?? "");
	const problem = (code: DiagnosticCode, detail: string, help = says): PathDiagnostic => ({
		code,
		path,
		at: "value",
		detail,
		help,
	});
	const shown = show(error.data);
	switch (error.keyword) {
		case "additionalProperties":
		case "unevaluatedProperties":
			return describeUnknownKey(error, path);
		case "required":
			return describeMissingKey(error, path, name);
		case "type":
			return describeType(error, path, name, says);
		case "enum":
			return problem(
				"value-not-allowed",
				`${name} is ${shown}.`,
				suggest(String(error.data), (error.schema as unknown[]).map(String)),
			);
		case "const":
			return problem("value-not-allowed", `${name} is ${shown}.`, suggest(String(error.data), [String(error.schema)]));
		case "discriminator":
			return describeDiscriminator(error, path);
		case "minimum":
		case "maximum":
		case "exclusiveMinimum":
		case "exclusiveMaximum":
			return problem(
				"value-out-of-range",
				`${name} is ${shown} and must be ${COMPARISONS[error.keyword]} ${error.params.limit}.`,
			);
		case "minLength":
		case "maxLength":
		case "minItems":
		case "maxItems":
		case "minProperties":
		case "maxProperties":
			return problem("value-out-of-range", `${name} ${error.message}.`);
		case "pattern":
			return problem("value-malformed", `${name} is ${shown}.`, says || `It must match ${error.schema}.`);
		default:
			return problem("value-malformed", `${name} ${error.message}.`);
	}
}

function describeUnknownKey({ params, parentSchema }: ErrorObject, path: DocumentPath): PathDiagnostic {
	const key: string = params.additionalProperty ?? params.unevaluatedProperty;
	const place = { path: [...path, key], at: "key" } as const;
	if (UNSUPPORTED.has(key) && !path.includes("with"))
		return {
			code: "setting-unsupported",
			...place,
			detail: `\`${key}\` is not supported yet. It is refused, not ignored: nothing would do what it asks.`,
			help: `Remove \`${key}\`.`,
		};
	const known = Object.keys((parentSchema?.properties ?? {}) as object);
	const owner = path.length === 0 ? "A definition" : `\`${formatPath(path)}\``;
	return { code: "key-unknown", ...place, detail: `${owner} has no setting "${key}".`, help: suggest(key, known) };
}

function describeMissingKey({ params, parentSchema }: ErrorObject, path: DocumentPath, name: string): PathDiagnostic {
	const key: string = params.missingProperty;
	const properties = (parentSchema?.properties ?? {}) as Record<string, { description?: string; enum?: unknown[] }>;
	const choices = properties[key]?.enum?.join(", ");
	const says = [properties[key]?.description, choices && `One of: ${choices}.`].filter(Boolean).join(" ");
	return {
		code: "key-missing",
		path: [...path, key],
		at: "key",
		detail: `${name} needs \`${key}\`.`,
		help: says || `Add \`${key}\`.`,
	};
}

const TYPE_NAMES: Record<string, string> = {
	string: "text",
	integer: "a whole number",
	number: "a number",
	boolean: "true or false",
	array: "a list",
	object: "a mapping",
};

function describeType({ data, schema }: ErrorObject, path: DocumentPath, name: string, says: string): PathDiagnostic {
	const types = [schema as string | string[]].flat();
	const isPlain = typeof data === "number" || typeof data === "boolean";
	if (types.includes("string") && isPlain)
		return {
			code: "value-unquoted",
			path,
			at: "value",
			detail: `${name} must be text. Without quotes YAML reads ${typeof data === "number" ? "a number, and drops leading zeros and digits past the 17th" : "true or false"}.`,
			help: "Put the value in quotes.",
		};
	const wanted = types.map((type) => TYPE_NAMES[type] ?? type).join(" or ");
	return {
		code: "value-type",
		path,
		at: "value",
		detail: `${name} is ${show(data)} and must be ${wanted}.`,
		help: says,
	};
}

function describeDiscriminator({ params, parentSchema }: ErrorObject, path: DocumentPath): PathDiagnostic {
	const forms = (parentSchema?.oneOf ?? []) as { properties?: Record<string, { const?: string }> }[];
	const known = forms.flatMap(({ properties }) => properties?.[params.tag]?.const ?? []);
	return {
		code: "value-not-allowed",
		path: [...path, params.tag],
		at: "value",
		detail: `\`${formatPath([...path, params.tag])}\` is ${show(params.tagValue)}.`,
		help: suggest(String(params.tagValue), known),
	};
}

/** A value in a sentence. Long ones and those with members are named, not quoted. */
function show(value: unknown): string {
	if (value === undefined) return "not given";
	if (Array.isArray(value)) return "a list";
	if (typeof value === "object") return "a mapping";
	const text = JSON.stringify(value) ?? String(value);
	return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
