import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { StreamRecord } from "../../framework/contract/dynamodb.ts";
import type { ItemColumn } from "../../framework/contract/item-schema.ts";
import type { TableKeys } from "../../framework/contract/manifest.ts";
import { queryTable, textOf } from "../../framework/lake/query/run-query.ts";
import { stageRows } from "../../framework/lake/query/stage.ts";
import { ALL_TIME, partitionOf } from "../../framework/lake/range.ts";
import { readRuns } from "../../framework/lake/read-records.ts";
import { changesOf } from "../../framework/lake/select.ts";
import { planViews, type View } from "../../framework/plan/athena/views.ts";
import { type LakeOnS3, startLake } from "../../framework/testing/lake-on-s3.ts";
import { toDuckDb } from "./trino-in-duckdb.ts";

const KEYS: TableKeys = { partition: { name: "orderId", type: "S" }, sort: null };
const ORDER = { events: "id", latest: "pk", changes: "id, attribute" } as const;

/** The views whose rows are compared. */
export const ORDERS = ["events", "latest", "changes"] as const;
export type Rows = Record<(typeof ORDERS)[number], Record<string, unknown>[]>;

const queryOf = ({ name, columns }: View): string =>
	`SELECT ${columns.map((column) => `"${column.name}"`).join(", ")} FROM ${name} ORDER BY ${ORDER[name as keyof typeof ORDER]}`;

function toRows(view: View, rows: readonly unknown[][]): Record<string, unknown>[] {
	return rows.map((row) => Object.fromEntries(view.columns.map(({ name }, index) => [name, row[index] ?? null])));
}

/** What `pipeline lake query` answers. */
async function askLocally(lake: LakeOnS3, views: readonly View[], columns: readonly ItemColumn[]): Promise<Rows> {
	const changeOf = changesOf({ environment: "prod", pipeline: "orders", region: "eu-west-1", keys: KEYS });
	const stage = await stageRows({
		place: lake.place,
		range: ALL_TIME,
		changeOf,
		keyNames: ["orderId", null],
		columns,
		mostBytes: 1e9,
	});
	const rows: Partial<Rows> = {};
	for (const view of views) {
		const answer = await queryTable(stage, queryOf(view), 1e6);
		rows[view.name as keyof Rows] = toRows(view, answer.rows);
	}
	stage.remove();
	return rows as Rows;
}

/** What Athena's views answer on the same lines, run in DuckDB: repeats of each line included. */
async function askAthena(
	lines: { line: string; dt: string; hour: string }[],
	views: readonly View[],
	folder: string,
): Promise<Rows> {
	const instance = await DuckDBInstance.create(":memory:");
	const connection = await instance.connect();
	const file = join(folder, "lines.json");
	writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
	await connection.run("SET TimeZone = 'UTC'");
	await connection.run(
		`CREATE TABLE records AS SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {line: 'VARCHAR', dt: 'VARCHAR', hour: 'VARCHAR'})`,
	);
	for (const { name, sql } of views) await connection.run(`CREATE VIEW ${name} AS ${toDuckDb(sql)}`);
	const rows: Partial<Rows> = {};
	for (const view of views) {
		const reader = await connection.runAndReadAll(queryOf(view));
		const texts = reader.getRowsJson().map((row) => row.map(textOf));
		rows[view.name as keyof Rows] = toRows(view, texts);
	}
	connection.closeSync();
	instance.closeSync();
	rmSync(file);
	return rows as Rows;
}

/** Rows of the views over stored records, as they are answered here and in Athena. */
export async function askBoth(
	batches: readonly (readonly StreamRecord[])[],
	columns: readonly ItemColumn[],
): Promise<{ local: Rows; athena: Rows }> {
	const lake = await startLake();
	const views = planViews("main", KEYS, columns);
	try {
		for (const batch of batches) await lake.store(batch);
		const lines = [];
		for await (const run of readRuns(lake.place, ALL_TIME))
			for (const { line, time } of run) {
				const [, dt = "", hour = ""] = /^dt=(.*)\/hour=(.*)$/.exec(partitionOf(time)) ?? [];
				// As objects overlap.
				lines.push({ line, dt, hour }, { line, dt, hour });
			}
		return { local: await askLocally(lake, views, columns), athena: await askAthena(lines, views, lake.folder) };
	} finally {
		await lake.close();
	}
}
