import { EVENT_COLUMNS } from "./row.ts";

/** The views that a query can use, over files of rows. */
export function createViews(files: string): string {
	const columns = Object.entries(EVENT_COLUMNS).map(([name, type]) => `${quote(name)}: '${type}'`);
	return `
CREATE VIEW events AS
SELECT *, strftime(time, '%Y-%m-%d') AS dt, strftime(time, '%H') AS hour
FROM read_json('${files.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${columns.join(", ")}}, maximum_object_size = 33554432);

-- The state of each item that is there, after its last change.
CREATE VIEW latest AS
SELECT pk, sk, keys, new AS item, time, sequence, id
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

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
