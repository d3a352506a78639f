import { createRequire } from "node:module";
import { checkTypes, checkValidations } from "dynalite/validations/index.js";
import { AwsError, type JsonInput } from "../aws-json.ts";
import type { Callback, Store } from "./store.ts";

/** What dynalite does by itself; its streams, TTL and transactions are ours. */
export const DYNALITE_OPERATIONS = [
	"BatchGetItem",
	"BatchWriteItem",
	"CreateTable",
	"DeleteItem",
	"DeleteTable",
	"DescribeTable",
	"GetItem",
	"ListTables",
	"ListTagsOfResource",
	"PutItem",
	"Query",
	"Scan",
	"TagResource",
	"UntagResource",
	"UpdateItem",
	"UpdateTable",
] as const;
export type DynaliteOperation = (typeof DYNALITE_OPERATIONS)[number];

type Action = (store: Store, data: object, done: Callback<object>) => void;
interface Validation {
	types: object;
	custom?: (data: object, store: Store) => string | undefined;
}

const require = createRequire(import.meta.url);
const loaded = new Map(
	DYNALITE_OPERATIONS.map((name) => {
		const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
		const action: Action = require(`dynalite/actions/${file}`);
		const validation: Validation = require(`dynalite/validations/${file}`);
		return [name, { action, validation }];
	}),
);

/** Checks a request as dynalite does; the answer is what its actions take. */
export function validate(store: Store, name: DynaliteOperation, input: JsonInput): Record<string, unknown> {
	const { types, custom } = operation(name).validation;
	try {
		const data = checkTypes(structuredClone(input), types);
		checkValidations(data, types, custom, store);
		return data;
	} catch (error) {
		throw toAwsError(error as Error);
	}
}

/** Does what was validated. */
export function act(store: Store, name: DynaliteOperation, data: object): Promise<object> {
	return new Promise((resolve, reject) =>
		operation(name).action(store, data, (error, output) => (error ? reject(toAwsError(error)) : resolve(output || {}))),
	);
}

export async function perform(store: Store, name: DynaliteOperation, input: JsonInput): Promise<object> {
	return act(store, name, validate(store, name, input));
}

function operation(name: DynaliteOperation): { action: Action; validation: Validation } {
	const found = loaded.get(name);
	if (!found) throw new Error(`dynalite has no ${name}`);
	return found;
}

/** dynalite's refusals carry the body of the answer. */
function toAwsError(error: Error & { body?: { __type: string; message?: string; Message?: string } }): Error {
	if (!error.body) return error;
	const { __type, message, Message } = error.body;
	return new AwsError(__type.slice(__type.indexOf("#") + 1), message ?? Message ?? "");
}
