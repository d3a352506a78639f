import { AwsError, type JsonInput } from "../aws-json.ts";
import { findTable, type Store, type TableRow } from "./store.ts";

export function validationError(message: string): AwsError {
	return new AwsError("ValidationException", message);
}

/** A member that is an object; {} if it is absent. */
export function objectIn(input: JsonInput, name: string): JsonInput {
	const value = input[name] ?? {};
	if (typeof value !== "object" || Array.isArray(value)) throw validationError(`${name} is not an object.`);
	return value as JsonInput;
}

export function textIn(input: JsonInput, name: string): string {
	const value = input[name];
	if (typeof value !== "string" || value === "") throw validationError(`${name} is missing.`);
	return value;
}

/** A whole number within bounds, or what stands for one that is absent. */
export function numberIn(input: JsonInput, name: string, bounds: { min: number; max: number; absent: number }): number {
	const value = input[name] ?? bounds.absent;
	if (!Number.isInteger(value) || (value as number) < bounds.min || (value as number) > bounds.max)
		throw validationError(`${name} is a whole number from ${bounds.min} to ${bounds.max}.`);
	return value as number;
}

/** The table that a request names. */
export async function tableIn(store: Store, input: JsonInput): Promise<TableRow> {
	const name = textIn(input, "TableName");
	const table = await findTable(store, name);
	if (!table) throw new AwsError("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`);
	return table;
}
