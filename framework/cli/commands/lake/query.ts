import { createReadStream, statSync } from "node:fs";
import { copyFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import { LakeError } from "../../../lake/lake-error.ts";
import { StageGone } from "../../../lake/query/files.ts";
import {
	EngineMissing,
	QUERY_FORMATS,
	QueryError,
	type QueryFormat,
	type QueryTable,
	queryFile,
	queryTable,
} from "../../../lake/query/run-query.ts";
import { type Stage, StageFull, type StageState, stageRows } from "../../../lake/query/stage.ts";
import { changesOf } from "../../../lake/select.ts";
import { type Command, type Io, UsageError } from "../../command.ts";
import { CONNECT_OPTIONS, type Connection, connect, lakeOf, originOf, pipelineOf } from "../../connect.ts";
import { describeFull, isFull } from "../../full-disk.ts";
import { RANGE_OPTIONS } from "../../time-range.ts";
import { type Course, openCourse } from "../../unfinished/course.ts";
import { openUnfinished, RESUME_OPTION, type Unfinished } from "../../unfinished/unfinished.ts";

/** Rows of a table on the screen; files have no end. */
const SHOWN_ROWS = 1000;
const DEFAULT_ROOM_MB = 4096;

export const query: Command = {
	name: "lake query",
	summary: "Ask a lake in SQL",
	positionals: "[<pipeline>] <sql>",
	arity: [1, 2],
	options: {
		...RANGE_OPTIONS,
		format: {
			type: "string",
			choices: QUERY_FORMATS,
			help: "How to answer; json is a line a row, parquet needs --out (table)",
		},
		out: { type: "string", value: "FILE", help: "Write the answer there" },
		"room-mb": { type: "string", value: "N", help: `Most MB of temporary files (${DEFAULT_ROOM_MB})` },
		...RESUME_OPTION,
		...CONNECT_OPTIONS,
	},
	examples: [
		`pipeline lake query user-actions "SELECT event, count(*) FROM events GROUP BY ALL"`,
		`pipeline lake query user-actions "SELECT uuid, action, price FROM latest" --from 24h --format csv --out clicks.csv`,
		`pipeline lake query "SELECT time, attribute, old, new FROM changes WHERE pk = '1234' ORDER BY sequence" --env prod`,
	],
	async run(args, io) {
		const sql = args.positionals.at(-1) ?? "";
		const named = args.positionals.length === 2 ? args.positionals.slice(0, 1) : [];
		const format = (args.option("format") ?? "table") as QueryFormat;
		const out = args.option("out");
		if (format === "parquet" && out === undefined) throw new UsageError("--format parquet needs a file: --out FILE.");
		if (format === "table" && out !== undefined) throw new UsageError("--out needs --format json, csv or parquet.");
		if (sql.trim() === "") throw new UsageError("The query is empty: give SQL, as in the examples of --help.");
		const file = out === undefined ? null : resolve(io.cwd, out);
		if (file !== null) checkTarget(file);
		const mostBytes = parseRoom(args.option("room-mb"));
		const connection = await connect(args, io, named);
		if (connection === null) return 1;
		try {
			const pipeline = chooseLake(connection, named[0]);
			const unfinished = openUnfinished<StageState>(args, io, query, pipeline);
			const course = await openCourse(unfinished, lakeOf(connection, pipeline), io, { label: "records fetched" });
			const stage = await fetchRows(connection, pipeline, mostBytes, unfinished, course, io);
			const keeps = io.signal.aborted && course.isKept();
			try {
				if (io.signal.aborted) {
					course.interrupt();
					return 1;
				}
				await answer(stage, sql, format, file, io);
				return 0;
			} finally {
				if (!keeps) {
					stage.remove();
					course.finish();
				}
			}
		} catch (error) {
			throw explain(error);
		} finally {
			await connection.close();
		}
	},
};

/** The rows of a pipeline's lake. What is left of an error is what --resume can go on with. */
async function fetchRows(
	connection: Connection,
	pipeline: string,
	mostBytes: number,
	{ range, left }: Unfinished<StageState>,
	course: Course<StageState>,
	io: Io,
): Promise<Stage> {
	const origin = originOf(connection, pipeline);
	try {
		return await stageRows({
			...{ place: lakeOf(connection, pipeline), range, mostBytes, signal: io.signal },
			changeOf: changesOf(origin),
			keyNames: [origin.keys.partition.name, origin.keys.sort?.name ?? null],
			columns: pipelineOf(connection.plan, pipeline).itemSchema?.columns ?? [],
			...{ read: course.read, isKept: course.isKept },
			left: left && { state: left.note.state, folder: left.note.folder ?? "" },
		});
	} catch (error) {
		if (!(error instanceof LakeError)) course.finish();
		throw error;
	}
}

async function answer(stage: Stage, sql: string, format: QueryFormat, out: string | null, io: Io): Promise<void> {
	if (format === "table") {
		io.stdout(renderTable(await queryTable(stage, sql, SHOWN_ROWS)));
		return;
	}
	const file = await queryFile(stage, sql, format);
	if (out !== null) await copyWhole(file, out);
	else for await (const part of createReadStream(file, "utf8")) io.stdout(String(part));
}

/** Before hours of a lake are fetched for it. */
function checkTarget(file: string): void {
	if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`--out ${file}: that is a folder. Name a file in it.`);
	const folder = dirname(file);
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`--out ${file}: there is no folder ${folder}. Make it first, or name another.`);
}

/** What was there before stays until the copy is whole. */
async function copyWhole(from: string, to: string): Promise<void> {
	try {
		await copyFile(from, `${to}.new`);
		await rename(`${to}.new`, to);
	} catch (error) {
		await rm(`${to}.new`, { force: true });
		throw error;
	}
}

/** The one pipeline with a lake, when none was named. */
function chooseLake({ plan }: Connection, named: string | undefined): string {
	if (named !== undefined) return named;
	const names = plan.pipelines
		.filter(({ functions }) => functions.some(({ manifest }) => manifest.lake))
		.map(({ name }) => name);
	const [only, second] = names;
	if (only === undefined) throw new UsageError(`No pipeline of the environment ${plan.environment} has a lake.`);
	if (second !== undefined) throw new UsageError(`Name the pipeline before the query: there are ${names.join(", ")}.`);
	return only;
}

function parseRoom(text: string | undefined): number {
	const megabytes = text === undefined ? DEFAULT_ROOM_MB : Number(text);
	if (!Number.isInteger(megabytes) || megabytes < 1)
		throw new UsageError(`--room-mb ${text}: give a whole number of megabytes, at least 1.`);
	return megabytes * 1024 * 1024;
}

/** The system's words for it, which is all that the engine hands on. */
const NO_ROOM = /No space left on device|Disk quota exceeded|File too large/;

const wayOut = (): string =>
	`Nothing was left behind; make room (temporary files lie in ${tmpdir()}, or where TMPDIR says), or narrow the range with --from and --to.`;

function explain(error: unknown): unknown {
	if (error instanceof QueryError && NO_ROOM.test(error.message))
		return new UsageError(`There is no room for the answer. ${wayOut()}`);
	if (error instanceof QueryError) return new UsageError(`The query cannot be run. ${error.message}`);
	if (error instanceof StageFull)
		return new UsageError(`${error.message} Narrow the range with --from and --to, or give more with --room-mb.`);
	if (error instanceof StageGone)
		return new UsageError(`${error.message} There is nothing to go on with: begin anew, without --resume.`);
	if (error instanceof EngineMissing)
		return new UsageError(`${error.message} Run \`npm install\` without --omit=optional, then again.`);
	if (isFull(error)) return new UsageError(`${describeFull(error)} ${wayOut()}`);
	return error;
}

/** Columns as wide as their longest value. */
function renderTable({ columns, rows, cut }: QueryTable): string {
	const cells = [columns, ...rows.map((row) => row.map((value) => value ?? ""))];
	const widths = columns.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? "")].length)));
	const line = (row: readonly string[]): string =>
		row
			.map((value, column) => value + " ".repeat(Math.max(0, (widths[column] ?? 0) - [...value].length)))
			.join("  ")
			.trimEnd();
	return [
		line(columns),
		widths.map((width) => "─".repeat(width)).join("  "),
		...cells.slice(1).map(line),
		...(cut ? [`… more than ${SHOWN_ROWS} rows: use --format csv or json`] : []),
		"",
	].join("\n");
}
