import type { ItemColumn } from "../../contract/item-schema.ts";
import { columnsSql, imageSql } from "../../contract/item-sql.ts";
import { createDuckDb, identifier, literal } from "./duckdb.ts";
import { EVENT_COLUMNS } from "./row.ts";

/** The views that a query can use, over files of rows. `itemColumns` are those of the item schema; none without one. */
export function createViews(files: string, itemColumns: readonly ItemColumn[]): string {
	const columns = Object.entries(EVENT_COLUMNS).map(([name, type]) => `${identifier(name)}: '${type}'`);
	const rows = `read_json(${literal(files)}, format = 'newline_delimited', columns = {${columns.join(", ")}}, maximum_object_size = 33554432)`;
	return `
CREATE VIEW events AS
${itemColumns.length === 0 ? `SELECT ${PARTITION} FROM ${rows}` : typedEvents(rows, itemColumns)};

-- The state of each item that is there, after its last change.
CREATE VIEW latest AS
${itemColumns.length === 0 ? `SELECT ${LATEST} FROM (${LAST_CHANGES})` : typedLatest(itemColumns)};

-- A row for each attribute that a change made another one. Without an old image, the change before it in the range stands for it.
CREATE VIEW changes AS
WITH images AS (
	SELECT event, time, id, sequence, pk, sk, new AS after,
		coalesce(old, lag(new) OVER (PARTITION BY pk, sk ORDER BY sequence)) AS before
	FROM events
), attributes AS (
	SELECT *, unnest(list_distinct(coalesce(json_keys(after), []) || coalesce(json_keys(before), []))) AS attribute
	FROM images
), pointers AS (
	-- A JSON pointer: in a path, an attribute named * would be all of them.
	SELECT *, '/' || replace(replace(attribute, '~', '~0'), '/', '~1') AS pointer
	FROM attributes
)
SELECT event, time, id, sequence, pk, sk, attribute,
	json_extract(before, pointer) AS old,
	json_extract(after, pointer) AS new
FROM pointers
WHERE json_extract(before, pointer)
	IS DISTINCT FROM json_extract(after, pointer);
`;
}

const PARTITION = "*, strftime(time, '%Y-%m-%d') AS dt, strftime(time, '%H') AS hour";

const LATEST = "pk, sk, keys, new AS item, time, sequence, id";
const LAST_CHANGES = `SELECT *
FROM (SELECT *, row_number() OVER (PARTITION BY pk, sk ORDER BY sequence DESC) AS place FROM events)
WHERE place = 1 AND event IN ('INSERT', 'MODIFY')`;

/** With images as rows of typed columns, made of the record as DynamoDB wrote it. */
function typedEvents(rows: string, columns: readonly ItemColumn[]): string {
	const { dialect, takings } = createDuckDb("record");
	const image = (name: string, plain: string): string =>
		imageSql(columns, { json: "record", path: ["dynamodb", name] }, plain, dialect);
	const [before, after] = [image("OldImage", "old"), image("NewImage", "new")];
	const { sql, names } = takings();
	return `SELECT * EXCLUDE (${["record", ...names].join(", ")}),
	${before} AS before,
	${after} AS after
FROM (SELECT *${sql} FROM (SELECT ${PARTITION}, TRY_CAST(line AS JSON) AS record FROM ${rows}))`;
}

/** With the new image's columns: only those of the last changes are made, and of them those that a query asks for. */
function typedLatest(columns: readonly ItemColumn[]): string {
	const { dialect, takings } = createDuckDb("record");
	const typed = columnsSql(columns, { json: "record", path: ["dynamodb", "NewImage"] }, "new", dialect);
	const { sql } = takings();
	return `SELECT ${LATEST}${typed.map((column) => `,\n\t${column.sql} AS ${identifier(column.name)}`).join("")}
FROM (SELECT *${sql} FROM (SELECT *, TRY_CAST(line AS JSON) AS record FROM (${LAST_CHANGES})))`;
}
