import { type ColumnType, DATE_PATTERN, DATE_TIME_PATTERN, type ItemColumn } from "./item-schema.ts";

/** A part of a JSON value in SQL: names of members, from the value on. */
export interface JsonPart {
	json: string;
	path: readonly string[];
}

/** What engines say differently. Each answers SQL. */
export interface SqlDialect {
	/** A text in JSON; NULL where none is. */
	text(part: JsonPart): string;
	/** Whether there is anything. */
	exists(part: JsonPart): string;
	/** JSON in JSON as a column has it. */
	jsonColumn(part: JsonPart): string;
	/** A list of JSON, and one of texts; NULL where none is. */
	elements(part: JsonPart): string;
	texts(part: JsonPart): string;
	transform(list: string, variable: string, body: string): string;
	/** Ascending, NULL last. */
	sort(list: string): string;
	matches(text: string, pattern: string): string;
	/** The significant digits of a number: its text without sign, point and exponent, and without zeros at its ends. */
	digits(number: string): string;
	/** A text as a DECIMAL of 38 digits with so many behind the point; NULL if it is none. */
	decimal(text: string, scale: number): string;
	/** Of a date-time that matches its pattern, to the millisecond: a TIMESTAMP in UTC, or NULL. */
	timestamp(text: string): string;
	row(fields: readonly ColumnSql[]): string;
}

/** A column's SQL. */
export interface ColumnSql {
	name: string;
	type: ColumnType;
	sql: string;
}

/**
 * Typed columns of an image. `image` is DynamoDB's own JSON, so that a value of another type is not taken for one of the schema's;
 * `plain` is the same as plain JSON.
 */
export function columnsSql(
	columns: readonly ItemColumn[],
	image: JsonPart,
	plain: string,
	dialect: SqlDialect,
): ColumnSql[] {
	return columns.map(({ name, attribute, type }) => ({
		name,
		type,
		sql: valueSql(type, below(image, attribute), { json: plain, path: [attribute] }, dialect, 1),
	}));
}

/** The same as one row; NULL where there is no image. */
export function imageSql(columns: readonly ItemColumn[], image: JsonPart, plain: string, dialect: SqlDialect): string {
	const fields = columnsSql(columns, image, plain, dialect);
	return `CASE WHEN ${dialect.exists(image)} THEN ${dialect.row(fields)} END`;
}

/** `value` is an attribute value with its tag, `plain` the same as plain JSON; null in a list, where no column is JSON. */
function valueSql(
	type: ColumnType,
	value: JsonPart,
	plain: JsonPart | null,
	dialect: SqlDialect,
	depth: number,
): string {
	if (type.is === "json") {
		if (plain === null) throw new Error("a member of a list has no plain JSON");
		return dialect.jsonColumn(plain);
	}
	if (type.is === "list") return listSql(type.of, value, dialect, depth);
	if (type.is !== "object") return scalarSql(type, dialect.text(below(value, TAGS[type.is])), dialect);
	const map = below(value, "M");
	const fields = type.fields.map((field) => ({
		name: field.name,
		type: field.type,
		sql: valueSql(field.type, below(map, field.attribute), plain && below(plain, field.attribute), dialect, depth),
	}));
	return `CASE WHEN ${dialect.exists(map)} THEN ${dialect.row(fields)} END`;
}

const below = ({ json, path }: JsonPart, ...steps: string[]): JsonPart => ({ json, path: [...path, ...steps] });

type ScalarType = Exclude<ColumnType, { is: "json" | "list" | "object" }>;

/** DynamoDB's types of what columns hold. */
const TAGS = {
	text: "S",
	bytes: "B",
	boolean: "BOOL",
	timestamp: "S",
	date: "S",
	decimal: "N",
	double: "N",
} as const satisfies Record<ScalarType["is"], string>;

/** Elements of a list; those of a set in their order. */
function listSql(of: ColumnType, value: JsonPart, dialect: SqlDialect, depth: number): string {
	const element = `e${depth}`;
	const each = valueSql(of, { json: element, path: [] }, null, dialect, depth + 1);
	const list = dialect.transform(dialect.elements(below(value, "L")), element, each);
	if (of.is === "json" || of.is === "list" || of.is === "object" || of.is === "boolean") return list;
	const texts = dialect.texts(below(value, `${TAGS[of.is]}S`));
	return `coalesce(${list}, ${dialect.sort(dialect.transform(texts, element, scalarSql(of, element, dialect)))})`;
}

/** A text as a value of a type; NULL where the type does not hold it exactly. */
function scalarSql(type: ScalarType, text: string, dialect: SqlDialect): string {
	const when = (condition: string, value: string): string => `CASE WHEN ${condition} THEN ${value} END`;
	switch (type.is) {
		case "text":
		case "bytes":
			return text;
		case "boolean":
			return `CASE ${text} WHEN 'true' THEN true WHEN 'false' THEN false END`;
		case "date":
			return when(dialect.matches(text, DATE_PATTERN), `TRY_CAST(${text} AS DATE)`);
		case "timestamp":
			return when(dialect.matches(text, DATE_TIME_PATTERN), dialect.timestamp(toMillisecond(text)));
		case "decimal":
			return when(dialect.matches(text, decimalPattern(type.scale)), dialect.decimal(text, type.scale));
		case "double": {
			const double = `TRY_CAST(${text} AS DOUBLE)`;
			return when(`${dialect.digits(text)} = ${dialect.digits(`CAST(${double} AS VARCHAR)`)}`, double);
		}
	}
}

/** A cast rounds what has more digits behind the point than fit. */
const decimalPattern = (scale: number): string => `^[-+]?[0-9]*([.]${scale === 0 ? "" : `[0-9]{0,${scale}}`}0*)?$`;

/** A date-time without the digits that engines round away or cut off, each in its own way. */
const toMillisecond = (text: string): string =>
	`regexp_extract(${text}, '^.{19}([.][0-9]{1,3})?') || regexp_extract(${text}, '(Z|[-+][0-9:]{5})$')`;
