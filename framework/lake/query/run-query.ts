import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Stage } from "./stage.ts";
import { createViews } from "./views.ts";

export const QUERY_FORMATS = ["table", "json", "csv", "parquet"] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

/** The query cannot be run as it was written; the message is the engine's. */
export class QueryError extends Error {
	override readonly name = "QueryError";
}

/** The query engine is an optional package. */
export class EngineMissing extends Error {
	override readonly name = "EngineMissing";
}

export interface QueryTable {
	columns: string[];
	/** null = SQL's NULL. */
	rows: (string | null)[][];
	/** Whether there are more rows than these. */
	cut: boolean;
}

const MEMORY = "1GB";

/** Answers a query as rows of text, at most so many. */
export async function queryTable(stage: Stage, sql: string, mostRows: number): Promise<QueryTable> {
	return withEngine(stage, async (connection) => {
		const reader = await connection.streamAndReadUntil(trim(sql), mostRows + 1);
		const rows = reader.getRowsJson().map((row) => row.map(textOf));
		return { columns: reader.columnNames(), rows: rows.slice(0, mostRows), cut: rows.length > mostRows };
	});
}

/** Writes a query's answer to a file in the stage's folder, whatever its size. The answer is the file's path. */
export async function queryFile(stage: Stage, sql: string, format: Exclude<QueryFormat, "table">): Promise<string> {
	const path = join(stage.folder, `answer.${format}`);
	const options = { json: "FORMAT json", csv: "FORMAT csv, HEADER", parquet: "FORMAT parquet" }[format];
	await withEngine(stage, (connection) =>
		connection.run(`COPY (${trim(sql)}\n) TO '${path.replaceAll("'", "''")}' (${options})`),
	);
	return path;
}

/** The engine sees the stage's folder and nothing else of the machine, and loads nothing from outside. */
async function withEngine<T>(
	{ folder, files, columns }: Stage,
	work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
	const { DuckDBInstance } = await loadEngine();
	const instance = await DuckDBInstance.create(":memory:", {
		memory_limit: MEMORY,
		temp_directory: join(folder, "spill"),
		autoinstall_known_extensions: "false",
		autoload_known_extensions: "false",
	});
	const connection = await instance.connect();
	try {
		const place = folder.replaceAll("'", "''");
		await connection.run(
			`SET allowed_directories = ['${place}']; SET enable_external_access = false; SET TimeZone = 'UTC';`,
		);
		await connection.run(createViews(files, columns));
		return await work(connection).catch((error) => {
			throw new QueryError((error as Error).message);
		});
	} finally {
		connection.closeSync();
		instance.closeSync();
	}
}

async function loadEngine(): Promise<typeof import("@duckdb/node-api")> {
	try {
		return await import("@duckdb/node-api");
	} catch {
		throw new EngineMissing("The package @duckdb/node-api is not installed here.");
	}
}

const trim = (sql: string): string => sql.trim().replace(/;\s*$/, "");

/** A value of a row as text; null = SQL's NULL. */
export function textOf(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	return typeof value === "string" ? value : JSON.stringify(value);
}
