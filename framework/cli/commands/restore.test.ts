import { gzipSync } from "node:zlib";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LOCAL_CLIENT } from "../../local/local-client.ts";
import { streamRecord } from "../../testing/factories.ts";
import { type RunningProject, runProject } from "../../testing/local-engine.ts";
import { runCliUntil } from "../../testing/run-cli.ts";
import { run as runLine } from "../run.ts";

const TableName = "tributary-local-orders";
const Bucket = "tributary-local-exports-000000000000-us-east-1";

let run: RunningProject;
let dynamodb: DynamoDBClient;
let s3: S3Client;

beforeAll(async () => {
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, ttl: expiresAt, viewType: NEW_AND_OLD_IMAGES }
fanOut: direct
lake: { enabled: false }
consumers:
  - { name: expired, kind: s3, when: { events: [EXPIRE] }, with: { content: record, compression: gzip, prefix: expired/orders } }
  - { name: rows, kind: s3, with: { content: item } }
`,
	});
	dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
	s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint, forcePathStyle: true });
	const expired = (item: string, number: number, version: string) =>
		streamRecord({
			...{ item, number, eventName: "REMOVE", expired: true },
			oldImage: { orderId: { S: item }, version: { N: version }, picture: { B: "3q2+7w==" }, expiresAt: { N: "1" } },
		});
	const records = [
		expired("a", 1, "1"),
		expired("a", 2, "2"),
		expired("b", 1, "12345678901234567890.5"),
		expired("c", 1, "1"),
	];
	const Body = gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
	await s3.send(new PutObjectCommand({ Bucket, Key: "expired/orders/dt=2026-11-24/hour=09/1-4-x.jsonl.gz", Body }));
	await dynamodb.send(new PutItemCommand({ TableName, Item: { orderId: { S: "c" }, version: { N: "9" } } }));
});
afterAll(async () => {
	for (const client of [dynamodb, s3]) client.destroy();
	await run.close();
});

const restore = (...more: string[]) =>
	run.cli(["restore", "orders", "--consumer", "expired", "--ttl", "86400", ...more]);
const item = async (orderId: string) =>
	(await dynamodb.send(new GetItemCommand({ TableName, Key: { orderId: { S: orderId } } }))).Item;

test("lists first, then puts items back as they last were, with a fresh TTL, and never over a newer one", async () => {
	expect(await restore()).toMatchObject({ code: 0, stderr: expect.stringContaining("3 items would be put back") });
	expect(await item("a")).toBeUndefined();
	const before = Math.floor(Date.now() / 1000);
	expect(await restore("--yes")).toMatchObject({
		code: 0,
		stderr: expect.stringContaining("2 items put back, 1 there already"),
	});
	expect(await item("a")).toMatchObject({
		version: { N: "2" },
		picture: { B: new Uint8Array([0xde, 0xad, 0xbe, 0xef]) },
	});
	expect(await item("b")).toMatchObject({ version: { N: "12345678901234567890.5" } });
	expect(await item("c")).toEqual({ orderId: { S: "c" }, version: { N: "9" } });
	const expiry = Number((await item("a"))?.expiresAt?.N);
	expect(expiry - before).toBeGreaterThanOrEqual(86_400);
	expect(expiry - before).toBeLessThan(86_400 + 60);
	expect(await restore("--yes")).toMatchObject({
		stderr: expect.stringContaining("0 items put back, 3 there already"),
	});
});

test("--where and the range choose", async () => {
	expect(await restore("--where", "{ old: { orderId: b } }")).toMatchObject({
		stderr: expect.stringContaining("1 item would"),
	});
	expect(await restore("--to", "2026-11-24")).toMatchObject({ stderr: expect.stringContaining("0 items would") });
});

test("an item that expired twice comes back as it last was, or not at all, and is listed once", async () => {
	for (const [hour, user] of [
		[9, "alice"],
		[10, "bob"],
	] as const) {
		const record = streamRecord({
			...{ item: "twice", number: hour, eventName: "REMOVE", expired: true, time: Date.UTC(2026, 10, 20, hour) / 1000 },
			oldImage: { orderId: { S: "twice" }, user: { S: user } },
		});
		const Key = `expired/orders/dt=2026-11-20/hour=${String(hour).padStart(2, "0")}/1-1-t.jsonl.gz`;
		await s3.send(new PutObjectCommand({ Bucket, Key, Body: gzipSync(`${JSON.stringify(record)}\n`) }));
	}
	const of = ["--from", "2026-11-20", "--to", "2026-11-21"];
	expect(await restore(...of)).toMatchObject({ stderr: expect.stringContaining("1 item would be put back") });
	expect(await restore(...of, "--where", "{ old: { user: alice } }", "--yes")).toMatchObject({
		stderr: expect.stringContaining("0 items put back"),
	});
	expect(await restore(...of, "--yes")).toMatchObject({ stderr: expect.stringContaining("1 item put back") });
	expect(await item("twice")).toMatchObject({ user: { S: "bob" } });
});

test("a broken object is named, and nothing is written", async () => {
	const Key = "expired/orders/dt=2026-11-25/hour=10/1-1-y.jsonl.gz";
	await s3.send(new PutObjectCommand({ Bucket, Key, Body: "no gzip" }));
	expect(await restore("--from", "2026-11-25T10:00Z", "--to", "2026-11-25T11:00Z", "--yes")).toMatchObject({
		code: 2,
		stdout: "",
		stderr: expect.stringContaining(`${Key} is broken`),
	});
});

/** Two hours of ten items, each its own. */
async function keep(day: string, start: string): Promise<void> {
	for (const hour of [8, 9]) {
		const records = Array.from({ length: 10 }, (_, number) =>
			streamRecord({
				...{ item: `${start}${hour}-${number}`, number, eventName: "REMOVE", expired: true },
				oldImage: { orderId: { S: `${start}${hour}-${number}` } },
			}),
		);
		const Body = gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
		await s3.send(
			new PutObjectCommand({ Bucket, Key: `expired/orders/dt=${day}/hour=0${hour}/1-10-z.jsonl.gz`, Body }),
		);
	}
}

test("stopped in an hour, --resume tries nothing again, and all is back once, for as long", async () => {
	await keep("2026-11-24", "r");
	const argv = [
		"restore",
		"orders",
		"--consumer",
		"expired",
		"--ttl",
		"7777",
		"--to",
		"2026-11-25",
		"--where",
		"{ old: { orderId: { prefix: r } } }",
		"--yes",
	];
	const send = vi.spyOn(DynamoDBClient.prototype, "send");
	const puts = (): (string | undefined)[] =>
		send.mock.calls.flatMap(([command]) => (command instanceof PutItemCommand ? command.input.Item?.orderId?.S : []));
	const stopped = await runCliUntil(run.project.root, argv, ({ stdout }) => stdout.split("\n").length > 14);
	expect(stopped).toMatchObject({ code: 1 });
	expect(stopped.stderr).toMatch(/Stopped after \d+ records. The same command with --resume goes on there.\n/);
	expect(puts()).toHaveLength(14);
	const now = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 600_000);
	const resumed = await run.cli([...argv, "--resume"]);
	now.mockRestore();
	expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining("20 items put back, 0 there already") });
	expect(puts()).toHaveLength(20);
	expect(new Set(puts()).size).toBe(20);
	send.mockRestore();
	const expiries = await Promise.all(["r9-0", "r8-0", "r8-9"].map(async (id) => (await item(id))?.expiresAt?.N));
	expect(new Set(expiries).size).toBe(1);
	expect(await run.cli([...argv, "--resume"])).toMatchObject({
		code: 2,
		stderr: expect.stringContaining("There is nothing to go on with"),
	});
});

test("a bar on a terminal", async () => {
	let stderr = "";
	const hear = (text: string): void => {
		stderr += text;
	};
	const io = { stdout() {}, stderr: hear, cwd: run.project.root, env: {} };
	const more = { terminal: true, printsToTerminal: true, signal: new AbortController().signal };
	const argv = ["restore", "orders", "--consumer", "expired", "--ttl", "60", "--to", "2026-11-24T10:00Z"];
	expect(await runLine(argv, { ...io, ...more })).toBe(0);
	expect(stderr).toMatch(/\r\[█{30}\] (\d+) of \1 records read/);
});

test.each([
	[["--consumer", "rows", "--ttl", "60"], "does not keep records as they were"],
	[["--consumer", "expird", "--ttl", "60"], 'Did you mean "expired"?'],
	[["--consumer", "expired"], "--ttl is missing"],
	[["--ttl", "60"], "restore needs --consumer"],
	[["--consumer", "expired", "--ttl", "60", "--from", "1h", "--to", "2h"], "The range ends before it starts"],
])("%j: refused in words", async (argv, words) => {
	const refused = await run.cli(["restore", "orders", ...argv]);
	expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(words) });
});
