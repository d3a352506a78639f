import type { ItemColumn } from "../../contract/item-schema.ts";
import { imageSql } from "../../contract/item-sql.ts";
import { duckDb, identifier, literal } from "./duckdb.ts";
import { EVENT_COLUMNS } from "./row.ts";

/** The views that a query can use, over files of rows. `itemColumns` are those of the item schema; none without one. */
export function createViews(files: string, itemColumns: readonly ItemColumn[]): string {
	const columns = Object.entries(EVENT_COLUMNS).map(([name, type]) => `${identifier(name)}: '${type}'`);
	const rows = `read_json(${literal(files)}, format = 'newline_delimited', columns = {${columns.join(", ")}}, maximum_object_size = 33554432)`;
	const typed = itemColumns.map(({ name }) => `, after.${identifier(name)} AS ${identifier(name)}`).join("");
	return `
CREATE VIEW events AS
SELECT * EXCLUDE (raw), strftime(time, '%Y-%m-%d') AS dt, strftime(time, '%H') AS hour${typedImages(itemColumns)}
FROM (SELECT *, TRY_CAST(line AS JSON) AS raw FROM ${rows});

-- The state of each item that is there, after its last change.
CREATE VIEW latest AS
SELECT pk, sk, keys, new AS item, time, sequence, id${typed}
FROM (SELECT *, row_number() OVER (PARTITION BY pk, sk ORDER BY sequence DESC) AS place FROM events)
WHERE place = 1 AND event IN ('INSERT', 'MODIFY');

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

/** Images as rows of typed columns, made of the record as DynamoDB wrote it. */
function typedImages(columns: readonly ItemColumn[]): string {
	if (columns.length === 0) return "";
	const image = (name: string, plain: string): string =>
		imageSql(columns, { json: "raw", path: ["dynamodb", name] }, plain, duckDb);
	return `,\n\t${image("OldImage", "old")} AS before,\n\t${image("NewImage", "new")} AS after`;
}
