import type { CheckContext } from "../../framework/contract/consumer-definition.ts";
import type { ColumnType as SqlType } from "../../framework/contract/item-schema.ts";
import type { Columns, ColumnType, S3Settings } from "./settings.ts";

/** What an item schema's type is in a row: JSON has three that QuickSight takes. */
const TYPES: Readonly<Record<SqlType["is"], ColumnType>> = {
	text: "string",
	bytes: "string",
	boolean: "boolean",
	timestamp: "string",
	date: "string",
	decimal: "number",
	double: "number",
	list: "string",
	object: "string",
	json: "string",
};

/** Columns as they are named, or those of the item schema; undefined: rows have whatever their items have. */
export function layColumns(
	{ content, columns }: Pick<S3Settings, "content" | "columns">,
	itemColumns: CheckContext["itemColumns"],
): Columns | undefined {
	if (content !== "item" || columns === "as-found") return undefined;
	if (columns !== undefined && columns !== "item-schema") return columns;
	return itemColumns
		? Object.fromEntries(itemColumns.map(({ attribute, type }) => [attribute, TYPES[type.is]]))
		: undefined;
}
