import type { ErrorObject } from "ajv/dist/2020.js";
import { formatPath } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { toPath } from "../shape-errors.ts";
import { firstOfEach } from "./ajv.ts";
import type { ReadItemSchema } from "./read-item-schema.ts";

/** What of an item breaks its schema. */
export interface ItemProblem {
	/** From the item. */
	path: (string | number)[];
	at: "key" | "value";
	/** Without the point at its end. */
	detail: string;
	/** What may have been meant; empty if nothing is near. */
	hint: string;
}

/** All that is wrong with an item as plain JSON. */
export function findItemProblems({ validate }: ReadItemSchema, item: unknown): ItemProblem[] {
	return validate(item) ? [] : firstOfEach(validate.errors ?? []).map(describe);
}

function describe({ instancePath, keyword, message, params, data }: ErrorObject): ItemProblem {
	const path = toPath({ instancePath });
	const name = path.length === 0 ? "The item" : `\`${formatPath(path)}\``;
	const problem = (detail: string, hint = ""): ItemProblem => ({
		path,
		at: "value",
		detail: `${name} ${detail}`,
		hint,
	});
	switch (keyword) {
		case "required":
			return { ...problem(`lacks "${params.missingProperty}"`), at: "key" };
		case "additionalProperties":
		case "unevaluatedProperties": {
			const extra: string = params.additionalProperty ?? params.unevaluatedProperty;
			return { ...problem(`has no "${extra}"`), path: [...path, extra], at: "key" };
		}
		case "enum":
			return problem("is none of the values", suggest(String(data), params.allowedValues.map(String)));
		case "type":
			return problem(`must be ${[params.type].flat().join(" or ")}`);
		default:
			return problem(message ?? "is not valid");
	}
}
