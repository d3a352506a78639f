import { lakePrefix, QUERY_RESULTS_PREFIX } from "../../contract/places.ts";
import type { Names } from "../names.ts";
import type { Scope } from "../scope.ts";
import type { LinesProperties, PlannedResource } from "../types.ts";
import { planQueries } from "./queries.ts";
import { LINES_TABLE, planViews } from "./views.ts";

/** Bytes that one query may read: at Athena's price of a terabyte, half a dollar (amazon.com/athena/pricing, 2026). */
const SCAN_LIMIT_BYTES = 100_000_000_000;

/** Before the first lake. */
const FIRST_DAY = "2026-01-01";

/** Whether Athena can be asked about a pipeline's lake. Locally there is `pipeline lake query`. */
const isQueried = ({ environment, definition: { lake } }: Scope): boolean =>
	environment !== "local" && lake !== null && lake.query;

/** What makes a pipeline's lake a database of Athena's. At rest it costs nothing: these are descriptions of what S3 has. */
export function planLakeDatabase(scope: Scope): PlannedResource[] {
	if (!isQueried(scope)) return [];
	const { names, definition } = scope;
	const database = names.database(definition.name);
	return [
		{
			type: "AWS::Glue::Database",
			id: "lake-database",
			name: database,
			why: "Lets Athena ask the lake in SQL: a table of its lines, and the views of `pipeline lake query`.",
			properties: {},
		},
		{
			type: "AWS::Glue::Table",
			id: `lake-${LINES_TABLE}`,
			name: LINES_TABLE,
			why: "The lake's lines as DynamoDB wrote them, an hour a partition, repeats included.",
			properties: { database, lines: planLines(scope), view: null },
		},
		...planViews(database, definition.table.keys, definition.itemSchema?.columns ?? []).map(
			({ name, why, columns, sql }): PlannedResource => ({
				type: "AWS::Glue::Table",
				id: `lake-${name}`,
				name,
				why,
				properties: { database, lines: null, view: { columns, sql } },
			}),
		),
		...planQueries().map(
			({ id, why, query }): PlannedResource => ({
				type: "AWS::Athena::NamedQuery",
				id: `lake-query-${id}`,
				name: names.namedQuery(definition.name, id),
				why,
				properties: { database, workGroup: names.workGroup(), query },
			}),
		),
	];
}

/** Partitions are computed, not stored: nobody has to add an hour (Athena user guide, "Partition projection"). */
function planLines({ names, definition: { name, lake } }: Scope): LinesProperties {
	const first = lake?.retentionDays ? `NOW-${lake.retentionDays + 1}DAYS` : FIRST_DAY;
	return {
		// Below it lies `dt=…/hour=…/`, where Athena looks by itself.
		location: `s3://${names.bucket("lake")}/${lakePrefix(name)}`,
		projection: {
			"projection.enabled": "true",
			"projection.dt.type": "date",
			"projection.dt.format": "yyyy-MM-dd",
			"projection.dt.range": `${first},NOW+1DAYS`,
			// Texts, as the hours are written in the lake: an integer would have to be padded in every query.
			"projection.hour.type": "enum",
			"projection.hour.values": Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0")).join(","),
		},
	};
}

/** Shared by the pipelines of an environment: how queries run, and where their results go. */
export function planWorkGroup(names: Names, scopes: readonly Scope[]): PlannedResource[] {
	if (!scopes.some(isQueried)) return [];
	return [
		{
			type: "AWS::Athena::WorkGroup",
			id: "athena",
			name: names.workGroup(),
			why: "Runs queries on the lakes, with a limit on what one reads and with encrypted results.",
			properties: {
				results: `s3://${names.bucket("operations")}/${QUERY_RESULTS_PREFIX}`,
				scanLimitBytes: SCAN_LIMIT_BYTES,
			},
		},
	];
}

const RESULT_DAYS = 7;

/** Results are copies: they go after a while. */
export const queryResults = (scopes: readonly Scope[]): { prefix: string; days: number }[] =>
	scopes.some(isQueried) ? [{ prefix: QUERY_RESULTS_PREFIX, days: RESULT_DAYS }] : [];
