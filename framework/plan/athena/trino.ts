import type { ColumnType } from "../../contract/item-schema.ts";
import type { JsonPart, SqlDialect } from "../../contract/item-sql.ts";

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A step of a path into JSON. Names may hold anything. */
export const jsonStep = (name: string): string => `["${name.replace(/["\\]/g, "\\$&")}"]`;
const jsonPath = (path: readonly string[]): string => literal(`$${path.map(jsonStep).join("")}`);

const extract = ({ json, path }: JsonPart): string => `json_extract(${json}, ${jsonPath(path)})`;

/** Trino's SQL of typed columns. */
export const trino: SqlDialect = {
	text: ({ json, path }) => `json_extract_scalar(${json}, ${jsonPath(path)})`,
	exists: (part) => `${extract(part)} IS NOT NULL`,
	jsonColumn: ({ json, path }) => `json_format(${extract({ json: `json_parse(${json})`, path })})`,
	elements: (part) => `CAST(${extract(part)} AS ARRAY(JSON))`,
	texts: (part) => `CAST(${extract(part)} AS ARRAY(VARCHAR))`,
	transform: (list, variable, body) => `transform(${list}, ${variable} -> ${body})`,
	sort: (list) => `array_sort(${list})`,
	matches: (text, pattern) => `regexp_like(${text}, ${literal(pattern)})`,
	digits: (number) => `regexp_replace(regexp_replace(${number}, '[-+.]|[eE].*$'), '^0+|0+$')`,
	decimal: (text, scale) => `TRY_CAST(${text} AS DECIMAL(38, ${scale}))`,
	timestamp: (text) => `TRY(CAST(from_iso8601_timestamp(${text}) AT TIME ZONE 'UTC' AS TIMESTAMP(3)))`,
	row: (fields) => `CAST(ROW(${fields.map(({ sql }) => sql).join(", ")}) AS ${rowType(fields)})`,
};

/** Athena knows names in lower case only. */
export const trinoName = (name: string): string => `"${name.toLowerCase()}"`;

const rowType = (fields: readonly { name: string; type: ColumnType }[]): string =>
	`row(${fields.map(({ name, type }) => `${trinoName(name)} ${trinoType(type)}`).join(", ")})`;

/** Trino's type of a column. JSON is text: a view has no type for it. */
export function trinoType(type: ColumnType): string {
	switch (type.is) {
		case "text":
		case "bytes":
		case "json":
			return "varchar";
		case "boolean":
		case "date":
		case "double":
			return type.is;
		case "timestamp":
			return "timestamp(3)";
		case "decimal":
			return `decimal(38,${type.scale})`;
		case "list":
			return `array(${trinoType(type.of)})`;
		case "object":
			return rowType(type.fields);
	}
}
