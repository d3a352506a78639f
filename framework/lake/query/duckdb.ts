import type { JsonPart, SqlDialect } from "../../contract/item-sql.ts";

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A JSON pointer: in a path, an attribute named * would be all of them. */
const pointer = (path: readonly string[]): string =>
	literal(path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));

const extract = ({ json, path }: JsonPart): string =>
	path.length === 0 ? json : `json_extract(${json}, ${pointer(path)})`;

/** DuckDB's SQL of typed columns. */
export const duckDb: SqlDialect = {
	text: ({ json, path }) => `json_extract_string(${json}, ${pointer(path)})`,
	json: extract,
	jsonColumn: extract,
	elements: (part) => `CAST(${extract(part)} AS JSON[])`,
	texts: (part) => `CAST(${extract(part)} AS VARCHAR[])`,
	transform: (list, variable, body) => `list_transform(${list}, lambda ${variable}: ${body})`,
	sort: (list) => `list_sort(${list}, 'ASC', 'NULLS LAST')`,
	matches: (text, pattern) => `regexp_matches(${text}, ${literal(pattern)})`,
	without: (text, pattern) => `regexp_replace(${text}, ${literal(pattern)}, '', 'g')`,
	timestamp: (text) => `TRY_CAST(${text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`,
	row: (fields) => `struct_pack(${fields.map(({ name, sql }) => `${identifier(name)} := ${sql}`).join(", ")})`,
};
