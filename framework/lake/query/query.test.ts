import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Item } from "../../contract/dynamodb.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { type LakeOnS3, startLake } from "../../testing/lake-on-s3.ts";
import { ALL_TIME, type TimeRange } from "../range.ts";
import { changesOf } from "../select.ts";
import { QueryError, queryFile, queryTable } from "./run-query.ts";
import { type Stage, StageFull, stageRows } from "./stage.ts";

let lake: LakeOnS3;
let stage: Stage;

const origin = {
	environment: "test",
	pipeline: "orders",
	region: "eu-west-1",
	keys: { partition: { name: "orderId", type: "S" }, sort: null },
} as const;

const stageOf = (range: TimeRange = ALL_TIME, mostBytes = 1_000_000): Promise<Stage> =>
	stageRows({ place: lake.place, range, changeOf: changesOf(origin), keyNames: ["orderId", null], mostBytes });

beforeAll(async () => {
	lake = await startLake();
	const image = (item: string, more: Item): Item => ({ orderId: { S: item }, ...more });
	const paid = image("a", {
		status: { S: "PAID" },
		total: { N: "12345678901234567890.5" },
		'a"b.c': { L: [{ N: "1" }] },
	});
	const records = [
		streamRecord({ item: "a", number: 1, newImage: image("a", { status: { S: "NEW" } }) }),
		streamRecord({
			item: "a",
			number: 2,
			eventName: "MODIFY",
			newImage: paid,
			oldImage: image("a", { status: { S: "NEW" } }),
		}),
		streamRecord({ item: "b", number: 1, newImage: image("b", { status: { S: "NEW" } }) }),
		streamRecord({
			item: "b",
			number: 2,
			eventName: "REMOVE",
			expired: true,
			oldImage: image("b", { status: { S: "NEW" } }),
		}),
	];
	await lake.store(records);
	await lake.store(records.slice(1, 3));
	stage = await stageOf();
});
afterAll(async () => {
	stage.remove();
	await lake.close();
});

const rowsOf = async (sql: string) => (await queryTable(stage, sql, 100)).rows;

test("events: each once, however the objects overlap", async () => {
	expect(await rowsOf("SELECT event, pk, sk, count(*) FROM events GROUP BY ALL ORDER BY ALL")).toEqual([
		["EXPIRE", "b", null, "1"],
		["INSERT", "a", null, "1"],
		["INSERT", "b", null, "1"],
		["MODIFY", "a", null, "1"],
	]);
	expect(await rowsOf("SELECT epoch(min(time)), count(line->>'$.eventID') FROM events")).toEqual([
		[`${RECORD_TIME}`, "4"],
	]);
});

test("latest: the items that are there, every digit of a number kept", async () => {
	const sql = "SELECT pk, item->>'$.total', CAST(item->>'total' AS DECIMAL(38, 1)) FROM latest";
	expect(await rowsOf(sql)).toEqual([["a", "12345678901234567890.5", "12345678901234567890.5"]]);
});

test("changes: what each change made another, whatever the attribute's name", async () => {
	const sql = "SELECT attribute, old, new FROM changes WHERE event = 'MODIFY' ORDER BY attribute";
	expect(await rowsOf(sql)).toEqual([
		['a"b.c', null, '["1"]'],
		["status", '"NEW"', '"PAID"'],
		["total", null, '"12345678901234567890.5"'],
	]);
});

test("files of any format, more rows than a table shows", async () => {
	const table = await queryTable(stage, "SELECT * FROM range(50)", 10);
	expect(table.rows).toHaveLength(10);
	expect(table.cut).toBe(true);
	for (const format of ["json", "csv", "parquet"] as const)
		expect(existsSync(await queryFile(stage, "SELECT * FROM events;", format))).toBe(true);
});

test("a query reaches no file but the rows, and a wrong one is told in the engine's words", async () => {
	await expect(rowsOf("SELECT * FROM read_text('/etc/hostname')")).rejects.toThrow(QueryError);
	await expect(rowsOf("COPY (SELECT 1) TO '/tmp/outside.csv'")).rejects.toThrow(/Permission/);
	await expect(rowsOf("SELECT nothing FROM events")).rejects.toThrow(/nothing/);
});

test("an empty range has the same columns; too large a range leaves nothing behind", async () => {
	const empty = await stageOf({ from: 1, to: 2 });
	expect((await queryTable(empty, "SELECT event, new FROM events", 10)).columns).toEqual(["event", "new"]);
	empty.remove();
	expect(existsSync(empty.folder)).toBe(false);
	await expect(stageOf(ALL_TIME, 500)).rejects.toThrow(StageFull);
});

test("rows of a fetching that was stopped count for the room", async () => {
	const folder = mkdtempSync(join(tmpdir(), "tributary-query-"));
	writeFileSync(join(folder, "000000.ndjson"), `${" ".repeat(999_989)}\n`);
	const state = { bytes: 999_990, files: 1, written: 999_990, rows: 1, malformed: 0 };
	const keyNames = ["orderId", null] as const;
	const options = { place: lake.place, range: ALL_TIME, changeOf: changesOf(origin), keyNames, mostBytes: 1_000_000 };
	await expect(stageRows({ ...options, left: { state, folder } })).rejects.toThrow(StageFull);
	expect(existsSync(folder)).toBe(false);
});
