import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";
import {
	type RunningProject,
	runProject,
	startReceiver,
	type TestReceiver,
} from "../../framework/testing/local-engine.ts";

const BIN = fileURLToPath(new URL("../../framework/cli/bin.js", import.meta.url));
const ITEMS = 30;

let receiver: TestReceiver;
let run: RunningProject;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
	vi.stubEnv("TMPDIR", room);
	receiver = await startReceiver();
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: direct
lake: { maxBatchingWindowSeconds: 0, batchSize: 10 }
consumers: [{ name: crm, kind: http, with: { url: "https://crm.example.com", signingSecret: secretsmanager:crm } }]
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } } } }
`,
	});
	dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
	for (let item = 0; item < ITEMS; item++) await put(item, 1);
	await run.engine.idle();
});
afterAll(async () => {
	dynamodb.destroy();
	await run.close();
	await receiver.close();
	vi.unstubAllEnvs();
	rmSync(room, { recursive: true });
});

async function put(item: number, version: number): Promise<void> {
	const Item = { orderId: { S: `o${item}` }, version: { N: String(version) }, text: { S: "x".repeat(2000) } };
	await dynamodb.send(new PutItemCommand({ TableName: "tributary-local-orders", Item }));
}

/** Other tests work in the system's own folder of temporary files. */
const room = mkdtempSync(join(tmpdir(), "room-"));
const temporary = (): string[] => readdirSync(room).filter((name) => name.startsWith("tributary-query-"));

/** A command in a process of its own whose files cannot grow beyond 512 bytes, as on a disk that is full. */
async function withoutRoom(argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	const child = spawn("sh", ["-c", 'ulimit -f 1; exec "$0" "$@"', process.execPath, BIN, ...argv], {
		cwd: run.project.root,
		env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
	});
	let [stdout, stderr] = ["", ""];
	child.stdout.on("data", (text) => (stdout += text));
	child.stderr.on("data", (text) => (stderr += text));
	const [code] = await once(child, "close");
	return { code, stdout, stderr };
}

test("no room for a query's rows: a clear answer, and nothing is left", async () => {
	const { code, stdout, stderr } = await withoutRoom(["lake", "query", "orders", "SELECT count(*) FROM events"]);
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toMatch(/pipeline: A file grew beyond its limit .* Nothing was left behind; make room/);
	expect(stderr).not.toContain("internal error");
	expect(temporary()).toEqual([]);
});

test("no room for a query's answer: a clear answer, and what was there stays", async () => {
	const out = run.project.write("answer.csv", "mine");
	const nothing = ["--from", "2026-01-01", "--to", "2026-01-02"];
	const sql = "SELECT repeat('x', 100000) AS x FROM range(100)";
	for (const to of [[], ["--out", out]]) {
		const argv = ["lake", "query", "orders", sql, ...nothing, "--format", "csv", ...to];
		const { code, stdout, stderr } = await withoutRoom(argv);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toMatch(/pipeline: There is no room for the answer\. Nothing was left behind/);
	}
	expect(temporary()).toEqual([]);
	expect(readFileSync(out, "utf8")).toBe("mine");
});

test("no room for fixtures: those that were there stay, and no half ones come", async () => {
	const folder = mkdtempSync(join(tmpdir(), "fixtures-"));
	const out = join(folder, "of", "orders");
	const pull = ["fixtures", "pull", "orders", "--limit", "3", "--out", out];
	const refused = await withoutRoom(pull);
	expect(refused).toMatchObject({ code: 2, stdout: "" });
	expect(refused.stderr).toMatch(
		/insert-\w+\.json cannot be written\. A file grew beyond its limit .* Nothing was changed\./,
	);
	expect(readdirSync(folder)).toEqual([]);
	expect((await run.cli(pull)).code).toBe(0);
	const [first = ""] = readdirSync(out);
	writeFileSync(join(out, first), "mine");
	expect((await withoutRoom(pull)).code).toBe(2);
	expect(readdirSync(out)).toHaveLength(3);
	expect(readFileSync(join(out, first), "utf8")).toBe("mine");
	rmSync(folder, { recursive: true });
});

test("no room for a fixture that is made: the one that was there stays", async () => {
	const file = run.project.write("a.json", "mine");
	const item = `{ orderId: a, text: ${"x".repeat(600)} }`;
	const { code, stderr } = await withoutRoom(["fixtures", "make", "orders", "--item", item, "--out", "a.json"]);
	expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("a.json cannot be written.") });
	expect(readFileSync(file, "utf8")).toBe("mine");
	expect(existsSync(`${file}.new`)).toBe(false);
});

test.each([
	["stat", ["lake", "stat", "orders"], 2],
	["cat", ["lake", "cat", "orders"], 2],
	["query", ["lake", "query", "orders", "SELECT 1 FROM events"], 2],
	["verify", ["lake", "verify", "orders", "--witness", "none"], 1],
	["fixtures pull", ["fixtures", "pull", "orders", "--limit", "100", "--out", "pulled"], 2],
	["replay", ["replay", "orders", "--consumer", "crm", "--from", "1970-01-01"], 2],
] as const)("a broken object: %s names it", async (_title, argv, expected) => {
	const hour = new Date().toISOString().slice(0, 13).replace("T", "/hour=");
	const Key = `pipeline=orders/dt=${hour}/${"9".repeat(40)}-1-0123456789abcdef.ndjson.gz`;
	const Bucket = "tributary-local-lake-000000000000-us-east-1";
	const s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint, forcePathStyle: true });
	await s3.send(new PutObjectCommand({ Bucket, Key, Body: "no gzip" }));
	const { code, stdout, stderr } = await run.cli(argv);
	await s3.send(new DeleteObjectCommand({ Bucket, Key }));
	s3.destroy();
	expect(code).toBe(expected);
	expect(stdout + stderr).toContain(Key);
	expect(stderr).not.toContain("internal error");
	expect(temporary()).toEqual([]);
	expect(existsSync(join(run.project.root, "pulled"))).toBe(false);
});

test("a lake that is being written is verified, asked and replayed meanwhile", async () => {
	let writing = true;
	const written = (async () => {
		for (let version = 2; writing; version++) for (let item = 0; item < ITEMS; item++) await put(item, version);
	})();
	receiver.taken.length = 0;
	const verified = await run.cli(["lake", "verify", "orders", "--format", "json"]);
	expect(JSON.parse(verified.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ findings: 0 });
	expect(verified.code).toBe(0);
	const asked = await run.cli([
		"lake",
		"query",
		"orders",
		"SELECT count(DISTINCT pk) AS n FROM latest",
		"--format",
		"json",
	]);
	expect(JSON.parse(asked.stdout)).toEqual({ n: ITEMS });
	const replayed = await run.cli(["replay", "orders", "--consumer", "crm", "--from", "1970-01-01"]);
	expect(replayed.code).toBe(0);
	writing = false;
	await written;
	await run.engine.idle();
	// What was there when it began, each item's in order; live events go their own way.
	const versions = new Map<string, number[]>();
	for (const { replayid, data } of receiver.taken)
		if (replayid !== undefined)
			versions.set(String(data.keys.orderId), [
				...(versions.get(String(data.keys.orderId)) ?? []),
				Number(data.new?.version),
			]);
	expect(versions.size).toBe(ITEMS);
	for (const seen of versions.values()) expect(seen).toEqual(seen.map((_, index) => index + 1));
});

test("a data folder whose tables cannot be opened: a command says so, ends, and leaves the folder free", async () => {
	const root = run.project.root;
	const broken = join(root, "broken");
	mkdirSync(join(broken, "dynamodb"), { recursive: true });
	writeFileSync(join(broken, ".tributary-data"), "");
	writeFileSync(join(broken, "dynamodb", "CURRENT"), "no manifest");
	for (let time = 0; time < 2; time++) {
		const child = spawn(process.execPath, [BIN, "lake", "ls", "orders", "--data", broken], { cwd: root });
		let stderr = "";
		child.stderr.on("data", (text) => (stderr += text));
		const [code] = await once(child, "close");
		expect({ code, stderr }).toEqual({
			code: 2,
			stderr: expect.stringContaining("dynamodb cannot be opened: Corruption"),
		});
		expect(stderr).not.toContain("internal error");
	}
});
