import type { ItemColumn } from "../../contract/item-schema.ts";
import { columnsSql, imageSql } from "../../contract/item-sql.ts";
import type { KeyAttribute, TableKeys } from "../../contract/manifest.ts";
import { jsonStep, trino, trinoName, trinoType } from "./trino.ts";
import { itemSql } from "./unmarshal.ts";

export interface ViewColumn {
	name: string;
	/** Trino's. */
	type: string;
}

/** A view of a pipeline's database: Athena's SQL, and its columns with Trino's types. */
export interface View {
	name: string;
	why: string;
	columns: ViewColumn[];
	sql: string;
}

/** Of the table that holds the lake's lines. */
export const LINES_TABLE = "records";

const text = (...names: string[]): ViewColumn[] => names.map((name) => ({ name, type: "varchar" }));
const TIME: ViewColumn = { name: "time", type: "timestamp(3)" };

/**
 * The views of `pipeline lake query`, with its names, columns and meaning, over the table of lines. JSON is text: a view has no type for it.
 * `columns` are those of the item schema; none without one.
 */
export function planViews(database: string, keys: TableKeys, columns: readonly ItemColumn[]): View[] {
	const image = (name: string): ViewColumn => ({ name, type: trinoType({ is: "object", fields: [...columns] }) });
	return [
		{
			name: "events",
			why: "Every change, each once, unmarshalled.",
			columns: [
				...text("event"),
				TIME,
				...text("id", "sequence", "pk", "sk", "keys", "new", "old", "line", "dt", "hour"),
				...(columns.length === 0 ? [] : [image("before"), image("after")]),
			],
			sql: columns.length === 0 ? eventsSql(database, keys) : typedEventsSql(database, keys, columns),
		},
		{
			name: "latest",
			why: "The state of each item that is there, after its last change.",
			columns: [
				...text("pk", "sk", "keys", "item"),
				TIME,
				...text("sequence", "id"),
				...columns.map(({ name, type }) => ({ name: name.toLowerCase(), type: trinoType(type) })),
			],
			sql: latestSql(database, columns),
		},
		{
			name: "changes",
			why: "A row for each attribute that a change made another one.",
			columns: [...text("event"), TIME, ...text("id", "sequence", "pk", "sk", "attribute", "old", "new")],
			sql: changesSql(database),
		},
	];
}

/**
 * Repeats of a record lie in its hour, so they are looked for there: what a query asks of `dt` and `hour` reaches the partitions
 * through the window, and other hours are not read.
 */
function eventsSql(database: string, { partition, sort }: TableKeys, more = ""): string {
	return `WITH parsed AS (
	SELECT line, dt, hour, TRY(json_parse(line)) AS record
	FROM "${database}"."${LINES_TABLE}"
), named AS (
	SELECT line, dt, hour, record,
		json_extract(record, '$.dynamodb') AS change,
		json_extract_scalar(record, '$.eventID') AS id,
		json_extract_scalar(record, '$.eventName') AS name,
		CAST(json_extract_scalar(record, '$.dynamodb.ApproximateCreationDateTime') AS DOUBLE) AS created
	FROM parsed
), once AS (
	SELECT *,
		row_number() OVER (PARTITION BY dt, hour, id ORDER BY line) AS copy,
		CASE WHEN created >= 1e14 THEN floor(created) WHEN created >= 1e11 THEN floor(created * 1e3) WHEN created > 0 THEN floor(created) * 1e6 ELSE 0e0 END AS microseconds
	FROM named
	WHERE id <> '' AND name IN ('INSERT', 'MODIFY', 'REMOVE') AND json_extract(change, '$.Keys') IS NOT NULL
)
SELECT
	CASE
		WHEN name = 'REMOVE' AND json_extract_scalar(record, '$.userIdentity.type') = 'Service' AND json_extract_scalar(record, '$.userIdentity.principalId') = 'dynamodb.amazonaws.com' THEN 'EXPIRE'
		ELSE name
	END AS event,
	CAST(from_unixtime(floor(microseconds / 1e6), 'UTC') AS TIMESTAMP(3)) AS time,
	id,
	coalesce(element_at(split(json_extract_scalar(record, '$.eventSourceARN'), '/stream/'), 2), '') || '/' || lpad(coalesce(json_extract_scalar(change, '$.SequenceNumber'), CAST(CAST(microseconds AS BIGINT) AS VARCHAR)), 40, '0') AS sequence,
	${keySql(partition)} AS pk,
	${sort === null ? "CAST(NULL AS VARCHAR)" : keySql(sort)} AS sk,
	${itemSql("json_extract(change, '$.Keys')")} AS keys,
	${itemSql("json_extract(change, '$.NewImage')")} AS new,
	${itemSql("json_extract(change, '$.OldImage')")} AS old,
	line,
	dt,
	hour${more}
FROM once
WHERE copy = 1`;
}

function typedEventsSql(database: string, keys: TableKeys, columns: readonly ItemColumn[]): string {
	const image = (name: string, plain: string): string =>
		imageSql(columns, { json: "change", path: [name] }, plain, trino);
	return `SELECT event, time, id, sequence, pk, sk, keys, new, old, line, dt, hour,
	${image("OldImage", "old")} AS before,
	${image("NewImage", "new")} AS after
FROM (
${eventsSql(database, keys, ", change")}
)`;
}

/** The names of a table's keys may hold anything. */
function keySql({ name, type }: KeyAttribute): string {
	const step = jsonStep(name).replaceAll("'", "''");
	return `json_extract_scalar(change, '$.Keys${step}.${type}')`;
}

function latestSql(database: string, columns: readonly ItemColumn[]): string {
	const image = { json: "line", path: ["dynamodb", "NewImage"] };
	const typed = columnsSql(columns, image, "new", trino).map(({ name, sql }) => `,\n\t${sql} AS ${trinoName(name)}`);
	return `SELECT pk, sk, keys, new AS item, time, sequence, id${typed.join("")}
FROM (
	SELECT *, row_number() OVER (PARTITION BY pk, sk ORDER BY sequence DESC) AS place
	FROM "${database}"."events"
)
WHERE place = 1 AND event IN ('INSERT', 'MODIFY')`;
}

/** Without an old image, the change before it stands for it. */
const changesSql = (database: string): string => `WITH images AS (
	SELECT event, time, id, sequence, pk, sk, new AS after,
		coalesce(old, lag(new) OVER (PARTITION BY pk, sk ORDER BY sequence)) AS before
	FROM "${database}"."events"
), attributes AS (
	SELECT event, time, id, sequence, pk, sk,
		CAST(json_parse(coalesce(before, '{}')) AS MAP(VARCHAR, JSON)) AS befores,
		CAST(json_parse(coalesce(after, '{}')) AS MAP(VARCHAR, JSON)) AS afters
	FROM images
), pairs AS (
	SELECT event, time, id, sequence, pk, sk, attribute,
		json_format(element_at(befores, attribute)) AS old,
		json_format(element_at(afters, attribute)) AS new
	FROM attributes
	CROSS JOIN UNNEST(array_union(map_keys(befores), map_keys(afters))) AS each (attribute)
)
SELECT event, time, id, sequence, pk, sk, attribute, old, new
FROM pairs
WHERE old IS DISTINCT FROM new`;
