import { gzipSync } from "node:zlib";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOCAL_CLIENT } from "../../local/local-client.ts";
import { streamRecord } from "../../testing/factories.ts";
import { type RunningProject, runProject } from "../../testing/local-engine.ts";

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

test("a broken object is named, and nothing is written", async () => {
	const Key = "expired/orders/dt=2026-11-24/hour=10/1-1-y.jsonl.gz";
	await s3.send(new PutObjectCommand({ Bucket, Key, Body: "no gzip" }));
	expect(await restore("--from", "2026-11-24T10:00Z", "--to", "2026-11-24T11:00Z", "--yes")).toMatchObject({
		code: 2,
		stdout: "",
		stderr: expect.stringContaining(`${Key} is broken`),
	});
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
