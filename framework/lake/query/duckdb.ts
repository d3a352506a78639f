import type { JsonPart, SqlDialect } from "../../contract/item-sql.ts";

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A JSON pointer: in a path, an attribute named * would be all of them. */
const pointer = (path: readonly string[]): string =>
	literal(path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));

/** DuckDB's SQL of typed columns. */
export interface DuckDb {
	dialect: SqlDialect;
	/** What the SQL made so far takes from each record, as columns beside `record`. */
	takings(): { sql: string; names: string[] };
}

/**
 * `record` is a column of JSON. All that is needed of it is taken at once, by lists of pointers: to read it again for each column
 * takes longer than all else.
 */
export function createDuckDb(record: string): DuckDb {
	const lists = { types: [], texts: [], parts: [] } as Record<"types" | "texts" | "parts", string[]>;
	const calls = { types: "json_type", texts: "json_extract_string", parts: "json_extract" } as const;
	const take = (list: keyof typeof lists, { json, path }: JsonPart): string => {
		const at = pointer(path);
		if (json !== record) return `${calls[list]}(${json}, ${at})`;
		const known = lists[list].indexOf(at);
		// Lists count from 1.
		return `${list}[${known < 0 ? lists[list].push(at) : known + 1}]`;
	};
	return {
		dialect: {
			...ENGINE,
			text: (part) => take("texts", part),
			exists: (part) => `${take("types", part)} IS NOT NULL`,
			elements: (part) => `CAST(${take("parts", part)} AS JSON[])`,
			texts: (part) => `CAST(${take("parts", part)} AS VARCHAR[])`,
		},
		takings() {
			const names = (Object.keys(lists) as (keyof typeof lists)[]).filter((list) => lists[list].length > 0);
			const taken = names.map((list) => `, ${calls[list]}(${record}, [${lists[list].join(", ")}]) AS ${list}`);
			return { sql: taken.join(""), names };
		},
	};
}

/** What does not depend on where JSON stands. */
const ENGINE = {
	jsonColumn: ({ json, path }) => `json_extract(${json}, ${pointer(path)})`,
	transform: (list, variable, body) => `list_transform(${list}, lambda ${variable}: ${body})`,
	sort: (list) => `list_sort(${list}, 'ASC', 'NULLS LAST')`,
	matches: (text, pattern) => `regexp_matches(${text}, ${literal(pattern)})`,
	digits: (number) => `trim(translate(split_part(lower(${number}), 'e', 1), '-+.', ''), '0')`,
	// Most numbers have 18 digits at most, and a cast to a decimal of more takes several times as long.
	decimal: (text, scale) => {
		const cast = (digits: number): string => `TRY_CAST(${text} AS DECIMAL(${digits}, ${scale}))`;
		return `coalesce(CAST(${cast(18)} AS DECIMAL(38, ${scale})), ${cast(38)})`;
	},
	timestamp: (text) => `TRY_CAST(${text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`,
	row: (fields) => `struct_pack(${fields.map(({ name, sql }) => `${identifier(name)} := ${sql}`).join(", ")})`,
} satisfies Partial<SqlDialect>;
