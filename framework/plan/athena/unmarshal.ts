/** Trino's type of what the reading of tokens knows: the text so far, the stack, members of the set that is open. */
const STATE = "ROW(VARCHAR, VARCHAR, ARRAY(VARCHAR))";

/** JSON's texts, its marks, and its other words. */
const TOKENS = String.raw`"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^"{}\[\]:,]+`;

/** Where a token stands: the first character of the stack. */
const TOP = "substr(state[2], 1, 1)";
const BELOW = "substr(state[2], 2)";

/**
 * What a token does to the stack: I = in an item or a map, A = in a list, W = in an attribute value whose tag is still to come; then the value's
 * own: M map, L list, Z set of texts, Y set of numbers, U null, V all others.
 */
const STACK = [
	"CASE",
	`WHEN token = '{' AND ${TOP} IN ('', 'M') THEN 'I' || state[2]`,
	"WHEN token = '{' THEN 'W' || state[2]",
	`WHEN token = '}' THEN ${BELOW}`,
	`WHEN token = '[' AND ${TOP} = 'L' THEN 'A' || state[2]`,
	`WHEN token = ']' AND ${TOP} = 'A' THEN ${BELOW}`,
	`WHEN ${TOP} = 'W' THEN CASE token WHEN '"M"' THEN 'M' WHEN '"L"' THEN 'L' WHEN '"SS"' THEN 'Z' WHEN '"BS"' THEN 'Z' WHEN '"NS"' THEN 'Y' WHEN '"NULL"' THEN 'U' ELSE 'V' END || ${BELOW}`,
	"ELSE state[2]",
	"END",
].join(" ");

/** A set of numbers by their values; texts tell apart what a double takes for one. */
const NUMBERS =
	"transform(array_sort(transform(state[3], member -> ROW(TRY_CAST(member AS DOUBLE), member))), pair -> pair[2])";
const jsonOf = (texts: string): string => `json_format(CAST(${texts} AS JSON))`;

/** What a token adds to the text. */
const TEXT = [
	"CASE",
	`WHEN token = '{' THEN CASE WHEN ${TOP} IN ('', 'M') THEN '{' ELSE '' END`,
	`WHEN token = '}' THEN CASE WHEN ${TOP} = 'I' THEN '}' ELSE '' END`,
	`WHEN ${TOP} IN ('I', 'A') THEN token`,
	"WHEN token = ':' THEN ''",
	`WHEN ${TOP} = 'V' THEN token`,
	`WHEN ${TOP} = 'U' THEN 'null'`,
	`WHEN ${TOP} = 'L' AND token = '[' THEN '['`,
	`WHEN ${TOP} = 'Z' AND token = ']' THEN ${jsonOf("array_sort(state[3])")}`,
	`WHEN ${TOP} = 'Y' AND token = ']' THEN ${jsonOf(NUMBERS)}`,
	"ELSE ''",
	"END",
].join(" ");

const SET = [
	"CASE",
	"WHEN token = '[' THEN CAST(ARRAY[] AS ARRAY(VARCHAR))",
	`WHEN ${TOP} IN ('Z', 'Y') AND token LIKE '"%' THEN concat(state[3], ARRAY[json_extract_scalar(json_parse(token), '$')])`,
	"ELSE state[3]",
	"END",
].join(" ");

/**
 * SQL of an item as plain JSON text, as docs/values.md says, every digit kept: Trino's, of a DynamoDB item as JSON. NULL where there is none.
 * Trino has no recursion that could follow maps in maps, so the item's text is read token by token, with a stack: items of any depth.
 */
export function itemSql(item: string): string {
	const start = `CAST(ROW('', '', CAST(ARRAY[] AS ARRAY(VARCHAR))) AS ${STATE})`;
	const step = `CAST(ROW(state[1] || ${TEXT}, ${STACK}, ${SET}) AS ${STATE})`;
	return `reduce(regexp_extract_all(json_format(${item}), '${TOKENS}'), ${start}, (state, token) -> ${step}, state -> state[1])`;
}
