/** What an item schema tells those who read the lake: plain data, made once from `schemas/items/<name>.schema.json`. */
export interface ItemSchema {
	name: string;
	/** Of the item's attributes, in the schema's order. */
	columns: ItemColumn[];
	/** Fields marked with `x-class`, by path as text. */
	classified: ClassifiedField[];
}

/** An attribute, or a member of a map, as SQL has it. */
export interface ItemColumn {
	/** Its name in SQL: letters, digits and underscores, unlike any beside it whatever the case. */
	name: string;
	/** Its name in the item. */
	attribute: string;
	type: ColumnType;
}

/**
 * What a column holds. A value of another type, or one that the column's type cannot hold exactly, is NULL there; `item`, `new` and
 * `old` have it as it is.
 */
export type ColumnType =
	/** DynamoDB's S. */
	| { is: "text" }
	/** DynamoDB's B, as base64 text. */
	| { is: "bytes" }
	| { is: "boolean" }
	/** RFC 3339's date-time in UTC, to the millisecond. */
	| { is: "timestamp" }
	| { is: "date" }
	/** A decimal of 38 digits, so many of them behind the point. */
	| { is: "decimal"; scale: number }
	/** A number that a double has with each of its digits. */
	| { is: "double" }
	/** A list, or a set. */
	| { is: "list"; of: ColumnType }
	| { is: "object"; fields: ItemColumn[] }
	/** What the schema gives no single type: JSON, as `item` has it. Never in a list. */
	| { is: "json" };

/** A field that is marked with classes. Whatever lies below it is of these classes, too. */
export interface ClassifiedField {
	/** From the item: names of attributes and members; null = any element of a list or set, or any member. */
	path: (string | null)[];
	classes: string[];
}

/** RFC 3339's date-time, as JSON Schema's format has it; offsets up to the 14 hours that engines know. Read by RE2, Java and JavaScript alike. */
export const DATE_TIME_PATTERN =
	"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)$";

/** RFC 3339's full-date. */
export const DATE_PATTERN = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
