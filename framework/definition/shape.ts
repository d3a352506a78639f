import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import core from "../../schemas/core/pipeline.json" with { type: "json" };
import type { ConsumerDefinitions, JsonSchema } from "../contract/consumer-definition.ts";
import type { DocumentPath, PathDiagnostic } from "../diagnostics/diagnostic.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { isObject } from "./merge.ts";
import { describeShapeErrors } from "./shape-errors.ts";
import type { Value, ValueObject } from "./values.ts";

// `verbose` hands each error its schema, whose description tells the user what the setting is.
const ajv = new Ajv2020({
	allErrors: true,
	useDefaults: true,
	discriminator: true,
	verbose: true,
	strict: true,
	strictRequired: false,
	allowUnionTypes: true,
});

/** Compiling costs milliseconds and a schema never changes: once each. */
const validators = new WeakMap<object, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
	const validator = validators.get(schema) ?? ajv.compile(schema);
	validators.set(schema, validator);
	return validator;
}

/** All problems of a value's form, by a schema. Fills the schema's defaults into the value. */
export function checkAgainst(schema: JsonSchema, value: Value, path: DocumentPath): PathDiagnostic[] {
	const validate = validatorOf(schema);
	return validate(value) ? [] : describeShapeErrors(validate.errors ?? [], path);
}

/**
 * Checks a merged definition's form: first what every pipeline has, then each consumer's `with` by its kind.
 * Fills defaults into `value`.
 */
export function checkShape(value: ValueObject, kinds: ConsumerDefinitions): PathDiagnostic[] {
	const problems = checkAgainst(core, value, []);
	const { consumers } = value;
	if (!Array.isArray(consumers)) return problems;
	return [...problems, ...consumers.flatMap((consumer, index) => checkKind(consumer, ["consumers", index], kinds))];
}

function checkKind(consumer: Value, path: DocumentPath, kinds: ConsumerDefinitions): PathDiagnostic[] {
	if (!isObject(consumer) || typeof consumer.kind !== "string") return [];
	const { kind } = consumer;
	const definition = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
	if (definition === undefined)
		return [
			{
				code: "kind-unknown",
				path: [...path, "kind"],
				at: "value",
				detail: `There is no kind of consumer "${kind}".`,
				help: suggest(kind, Object.keys(kinds)),
			},
		];
	return isObject(consumer.with) ? checkAgainst(definition.schema, consumer.with, [...path, "with"]) : [];
}
