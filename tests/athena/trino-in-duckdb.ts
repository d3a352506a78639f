/** Says Trino's SQL in DuckDB's words: calls and casts are renamed, nothing is rebuilt. What both call alike stays. */
export function toDuckDb(sql: string): string {
	return rewriteCalls(
		sql
			.replace(/(?<!\) )\b(\w+) -> /g, "lambda $1: ")
			.replaceAll(" AS ROW(VARCHAR, VARCHAR, ARRAY(VARCHAR))", "")
			.replaceAll("CAST(ROW(", "same(ROW(")
			.replaceAll("ARRAY(VARCHAR)", "VARCHAR[]")
			.replaceAll("ARRAY(JSON)", "JSON[]"),
	);
}

const CALLS: Readonly<Record<string, (args: string[]) => string>> = {
	// As a type.
	array: ([type]) => `${type}[]`,
	array_join: ([list, separator]) => `array_to_string(${list}, ${separator})`,
	array_sort: ([list]) => `list_sort(${list}, 'ASC', 'NULLS LAST')`,
	array_union: ([one, other]) => `list_distinct(list_concat(${one}, ${other}))`,
	element_at: ([from, at]) =>
		/^\d+$/.test(at ?? "")
			? `list_extract(${from}, ${at})`
			: // A cast of DuckDB's makes a null of JSON one of SQL.
				`CASE WHEN map_contains(${from}, ${at}) THEN coalesce(map_extract_value(${from}, ${at}), CAST('null' AS JSON)) END`,
	from_iso8601_timestamp: ([text]) => `CAST(${text} AS TIMESTAMPTZ)`,
	from_unixtime: ([seconds]) => `make_timestamp(CAST(${seconds} * 1e6 AS BIGINT))`,
	json_extract: ([json, path]) => `json_extract(${json}, ${toPath(path)})`,
	json_extract_scalar: ([json, path]) => `json_extract_string(${json}, ${toPath(path)})`,
	json_format: ([json = ""]) => {
		const [, value] = /^CAST\((.*) AS JSON\)$/s.exec(json) ?? [];
		return `CAST(${value === undefined ? json : `to_json(${value})`} AS VARCHAR)`;
	},
	json_parse: ([text]) => `CAST(${text} AS JSON)`,
	// DuckDB's fold begins with a member, so members take the state's shape.
	reduce: ([list, start, step = ""]) => {
		const body = step.replace(/^\(state, token\) -> /, "").replace(/\btoken\b/g, "token[1]");
		const members = `list_transform(${list}, lambda token: row(token, '', CAST([] AS VARCHAR[])))`;
		return `list_reduce(${members}, lambda state, token: ${body}, ${start})[1]`;
	},
	regexp_like: ([text, pattern]) => `regexp_matches(${text}, ${pattern})`,
	regexp_replace: ([text, pattern]) => `regexp_replace(${text}, ${pattern}, '', 'g')`,
	// Of the state the cast is left out; a row of typed columns keeps it.
	same: ([value = ""]) => (/ AS row\(/.test(value) ? `CAST(${value})` : value),
	split: ([text, by]) => `string_split(${text}, ${by})`,
	transform: ([list, lambda]) => `list_transform(${list}, ${lambda})`,
};

/** Trino quotes a step of a path as `["a"]`, DuckDB as `."a"`. */
const toPath = (path = ""): string => path.replace(/\["((?:[^"\\]|\\.)*)"\]/g, '."$1"');

function rewriteCalls(sql: string): string {
	let out = "";
	let at = 0;
	while (at < sql.length) {
		const rest = sql.slice(at);
		const [word = "", name = ""] = /^([a-z_0-9]+)\(/.exec(rest) ?? [];
		const startsWord = !/[\w.]/.test(sql[at - 1] ?? "");
		const literal = /^'(?:[^']|'')*'/.exec(rest)?.[0];
		if (literal !== undefined) {
			out += literal;
			at += literal.length;
		} else if (startsWord && CALLS[name]) {
			const { args, end } = readArguments(sql, at + word.length);
			out += CALLS[name](args.map(rewriteCalls));
			at = end;
		} else {
			out += sql[at];
			at += 1;
		}
	}
	return out;
}

/** The arguments of a call whose bracket opens before `start`. */
function readArguments(sql: string, start: number): { args: string[]; end: number } {
	const args: string[] = [];
	let depth = 0;
	let from = start;
	for (let at = start; at < sql.length; at++) {
		const character = sql[at];
		if (character === "'") at = sql.indexOf("'", at + 1);
		else if (character === "(" || character === "[") depth += 1;
		else if (depth > 0 && (character === ")" || character === "]")) depth -= 1;
		else if (depth === 0 && (character === "," || character === ")")) {
			args.push(sql.slice(from, at).trim());
			from = at + 1;
			if (character === ")") return { args, end: from };
		}
	}
	throw new Error("a call is not closed");
}
