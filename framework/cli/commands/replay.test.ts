import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import {
	DeleteObjectCommand,
	GetObjectCommand,
	ListObjectsV2Command,
	PutObjectCommand,
	S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { LOCAL_CLIENT } from "../../local/local-client.ts";
import { type RunningProject, runProject, startReceiver, type TestReceiver } from "../../testing/local-engine.ts";
import { runCliOnTerminal, runCliUntil } from "../../testing/run-cli.ts";

const ITEMS = 20;
const VERSIONS = 3;

let receiver: TestReceiver;
let run: RunningProject;
let dynamodb: DynamoDBClient;
let s3: S3Client;
let from: string;

beforeAll(async () => {
	receiver = await startReceiver();
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: direct
lake: { maxBatchingWindowSeconds: 0 }
consumers:
  - { name: crm, kind: http, deduplicationHours: 24, with: { url: "https://crm.example.com", signingSecret: secretsmanager:crm } }
  - { name: copies, kind: s3, with: { content: record } }
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } } } }
`,
	});
	dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
	s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint, forcePathStyle: true });
	from = new Date(Date.now() - 1000).toISOString();
	for (let version = 1; version <= VERSIONS; version++)
		for (let item = 0; item < ITEMS; item++) await put(`o${item}`, version);
	await run.engine.idle();
});
afterAll(async () => {
	for (const client of [dynamodb, s3]) client.destroy();
	await run.close();
	await receiver.close();
});
beforeEach(() => {
	receiver.taken.length = 0;
	receiver.answer = () => 200;
});

async function put(orderId: string, version: number): Promise<void> {
	const Item = { orderId: { S: orderId }, version: { N: String(version) } };
	await dynamodb.send(new PutItemCommand({ TableName: "tributary-local-orders", Item }));
}

/** What the receiver took, by item. */
function versions(): Record<string, unknown[]> {
	const found: Record<string, unknown[]> = {};
	for (const { data } of receiver.taken) {
		const item = String(data.keys.orderId);
		found[item] = [...(found[item] ?? []), data.new?.version];
	}
	return found;
}

const all = Object.fromEntries(Array.from({ length: ITEMS }, (_, item) => [`o${item}`, [1, 2, 3]]));
const objects = async (bucket: string): Promise<string[]> => {
	const Bucket = `tributary-local-${bucket}-000000000000-us-east-1`;
	return ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(
		({ Key, ETag }) => `${Key} ${ETag}`,
	);
};
const replay = (...more: string[]) => run.cli(["replay", "orders", "--consumer", "crm", ...more]);

test("a replay reaches its consumer alone, in order per item, marked, through its deduplication", async () => {
	const before = [await objects("exports"), await objects("lake")];
	expect(await replay("--from", from, "--dry-run")).toMatchObject({
		code: 0,
		stdout: `${ITEMS * VERSIONS} records of ${ITEMS} items would be sent.\n`,
	});
	expect(receiver.taken).toEqual([]);
	const { code, stdout } = await replay("--from", from);
	expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("60 records delivered.") });
	expect(versions()).toEqual(all);
	expect(new Set(receiver.taken.map(({ replayid }) => replayid)).size).toBe(1);
	expect(new Set(receiver.taken.map(({ id }) => id)).size).toBe(60);
	expect([await objects("exports"), await objects("lake")]).toEqual(before);
	const Bucket = "tributary-local-operations-000000000000-us-east-1";
	const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "journals/orders/replays/crm.json" }));
	expect(JSON.parse((await Body?.transformToString()) ?? "")).toMatchObject({
		state: "done",
		counts: { delivered: 60, skipped: 0, rejected: 0, unreadable: 0 },
		paused: [],
	});
});

test("a dry run shows how far it is; one that was stopped goes on with --resume and sends nothing", async () => {
	const argv = ["replay", "orders", "--consumer", "crm", "--from", from, "--to", "2999-01-01", "--dry-run"];
	const bar = await runCliOnTerminal(run.project.root, argv, false);
	expect(bar).toMatchObject({ code: 0, stderr: expect.stringMatching(/\r\[█{30}\] (\d+) of \1 records read/) });
	const stopped = await runCliUntil(run.project.root, argv, ({ stderr }) => /^[1-9]\d* of/m.test(stderr));
	expect(stopped).toMatchObject({ code: 1, stdout: "" });
	expect(stopped.stderr).toMatch(/Stopped after [1-5]?\d records?. The same command with --resume goes on there.\n$/);
	expect(await run.cli([...argv, "--resume"])).toMatchObject({ code: 0, stdout: bar.stdout });
	expect(bar.stdout).toBe(`${ITEMS * VERSIONS} records of ${ITEMS} items would be sent.\n`);
	expect(await run.cli([...argv, "--resume"])).toMatchObject({
		code: 2,
		stderr: expect.stringContaining("There is nothing to go on with"),
	});
	expect(receiver.taken).toEqual([]);
});

test("--where chooses, --new-ids gives ids of the replay", async () => {
	const ids = async (...more: string[]): Promise<string[]> => {
		receiver.taken.length = 0;
		expect((await replay("--from", from, "--where", "{ new: { orderId: o7 } }", ...more)).code).toBe(0);
		return receiver.taken.map(({ id }) => id);
	};
	const [kept, anew] = [await ids(), await ids("--new-ids")];
	expect([kept.length, anew.length]).toEqual([3, 3]);
	expect(kept.filter((id) => anew.includes(id))).toEqual([]);
});

test("an interrupted replay goes on without a gap and without a repeat", async () => {
	const stop = new AbortController();
	receiver.answer = () => {
		if (receiver.taken.length === 15) stop.abort();
		return 200;
	};
	const first = await run.cli(["replay", "orders", "--consumer", "crm", "--from", from, "--rate", "20"], stop.signal);
	expect(first).toMatchObject({ code: 1, stdout: expect.stringContaining("Interrupted: --resume goes on.") });
	receiver.answer = () => 200;
	const left = ITEMS * VERSIONS - receiver.taken.length;
	expect(left).toBeGreaterThan(0);
	// A dry run of it counts what is left.
	expect((await replay("--resume", "--dry-run")).stdout).toContain(`${left} records of`);
	expect(await replay("--resume")).toMatchObject({ code: 0 });
	expect(versions()).toEqual(all);
	expect(await replay("--resume")).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing to go on with") });
});

test("what is refused is parked and said; the rest goes on", async () => {
	receiver.answer = ({ data }) => (data.keys.orderId === "o3" ? 400 : 200);
	const refused = await replay("--from", from);
	expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("57 records delivered, 3 refused") });
	receiver.answer = () => 200;
	expect((await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).stdout).toContain("3 records delivered");
	expect(versions()).toEqual(all);
});

test("--pause-live holds live events of the consumer meanwhile, and lets them go again", async () => {
	let live = false;
	let meanwhile: unknown;
	receiver.answer = ({ replayid }) => {
		if (replayid !== undefined && !live) {
			live = true;
			meanwhile = Promise.all([mappings(), put("live", 1)]);
		}
		return 200;
	};
	expect(await replay("--from", from, "--pause-live")).toMatchObject({ code: 0 });
	expect(await meanwhile).toMatchObject([["Disabled"], undefined]);
	expect(receiver.taken.findIndex(({ data }) => data.keys.orderId === "live")).toBeOneOf([-1, 60]);
	expect(await mappings()).toEqual(["Enabled"]);
	await run.engine.idle();
	expect(versions().live).toEqual([1]);
});

const mappings = async (): Promise<(string | undefined)[]> => {
	const lambda = new LambdaClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
	const command = new ListEventSourceMappingsCommand({ FunctionName: "tributary-local-orders--router" });
	const { EventSourceMappings = [] } = await lambda.send(command);
	lambda.destroy();
	return EventSourceMappings.map(({ State }) => State);
};

test("killed while it held live events: the next command says so, and --resume goes on and lets them flow", async () => {
	const bin = fileURLToPath(new URL("../bin.js", import.meta.url));
	const argv = ["replay", "orders", "--consumer", "crm", "--from", from, "--pause-live"];
	let killed = false;
	const child = spawn(process.execPath, [bin, ...argv], { cwd: run.project.root, stdio: "ignore" });
	receiver.answer = ({ replayid }) => {
		if (replayid !== undefined && !killed) killed = child.kill("SIGKILL");
		return 200;
	};
	await once(child, "exit");
	expect({ killed, signal: child.signalCode }).toEqual({ killed: true, signal: "SIGKILL" });
	expect(await mappings()).toEqual(["Disabled"]);
	const held = /has disabled the mapping [0-9a-f-]{36}: live events are held\. .*--resume goes on/;
	expect(await replay("--from", from, "--dry-run")).toMatchObject({ code: 0, stderr: expect.stringMatching(held) });
	// Its hold on the consumer outlives it: what it began may still run.
	for (const next of [["--resume"], ["--from", from]]) {
		const refused = await replay(...next);
		expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(held) });
		expect(refused.stderr).toContain("is under way. If it was killed, its hold ends");
	}
	vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
	onTestFinished(() => void vi.useRealTimers());
	expect(await replay("--resume")).toMatchObject({
		code: 0,
		stderr: expect.stringMatching(
			/It left the mapping .* disabled: live events are held until this one ends\..*Live events flow again/s,
		),
	});
	expect(await mappings()).toEqual(["Enabled"]);
	const { live: _, ...others } = versions();
	expect(others).toEqual(all);
});

test("a second replay of a consumer is refused while one is under way, and changes nothing of it", async () => {
	let second: ReturnType<typeof replay> | undefined;
	receiver.answer = () => {
		second ??= replay("--from", from);
		return 200;
	};
	expect(await replay("--from", from)).toMatchObject({ code: 0 });
	const refused = await second;
	expect(refused).toMatchObject({ code: 2, stdout: "" });
	expect(refused?.stderr).toContain("Another redrive, drop or replay of crm is under way.");
	expect(refused?.stderr).not.toContain("given up");
	const { live: _, ...others } = versions();
	expect(others).toEqual(all);
});

test("a journal that cannot be written: nothing is sent, and nothing is paused", async () => {
	const Bucket = "tributary-local-operations-000000000000-us-east-1";
	const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "journals/orders/replays/" }));
	for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
	const inTheWay = { Bucket, Key: "journals/orders/replays" };
	await s3.send(new PutObjectCommand({ ...inTheWay, Body: "x" }));
	for (const more of [[], ["--pause-live"]]) {
		const { code, stderr } = await replay("--from", from, ...more);
		expect(code).toBe(2);
		expect(stderr).toContain(
			"The replay's journal s3://tributary-local-operations-000000000000-us-east-1/journals/orders/replays/crm.json cannot be written: InvalidArgument",
		);
		expect(stderr).not.toContain("internal error");
	}
	expect(receiver.taken).toEqual([]);
	expect(await mappings()).toEqual(["Enabled"]);
	await s3.send(new DeleteObjectCommand(inTheWay));
	expect(await replay("--from", from)).toMatchObject({ code: 0 });
});

test("other code gets the events: a file, a URL, a function", async () => {
	const where = ["--from", from, "--where", "{ new: { orderId: o5 } }"];
	const file = run.project.write(
		"handler.ts",
		`import { appendFileSync } from "node:fs";
		export const handler = async (event: { Records: { dynamodb: { NewImage: { version: { N: string } } } }[] }) => {
			for (const { dynamodb } of event.Records) appendFileSync("${run.project.root}/seen", dynamodb.NewImage.version.N);
		};`,
	);
	expect(await run.cli(["replay", "orders", "--to", file, ...where])).toMatchObject({ code: 0 });
	const broken = run.project.write(
		"broken.mjs",
		"export const handler = () => { throw new TypeError('no such field'); };",
	);
	expect(await run.cli(["replay", "orders", "--to", broken, ...where])).toMatchObject({
		code: 1,
		stderr: expect.stringContaining("TypeError: no such field"),
	});
	const bodies: string[] = [];
	const server = createServer((request, response) => {
		request.on("data", (chunk) => bodies.push(String(chunk))).on("end", () => response.end());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	expect(await run.cli(["replay", "orders", "--to", url, ...where])).toMatchObject({ code: 0 });
	server.closeAllConnections();
	server.close();
	expect(bodies.map((body) => JSON.parse(body).data.new.version)).toEqual([1, 2, 3]);
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:tributary-local-orders--lake";
	expect(await run.cli(["replay", "orders", "--to", arn, ...where])).toMatchObject({
		code: 0,
		stdout: expect.stringContaining("3 records delivered"),
	});
});

test("a broken object of the lake is named; mended, the replay goes on without a gap or a repeat", async () => {
	const [date = "", time = ""] = new Date().toISOString().split("T");
	const hour = `pipeline=orders/dt=${date}/hour=${time.slice(0, 2)}`;
	const Key = `${hour}/${"9".repeat(40)}-1-0123456789abcdef.ndjson.gz`;
	const broken = { Bucket: "tributary-local-lake-000000000000-us-east-1", Key };
	await s3.send(new PutObjectCommand({ ...broken, Body: "no gzip" }));
	const where = ["--where", "{ new: { version: { exists: true } } }"];
	expect(await replay("--from", from, ...where)).toMatchObject({ code: 2, stderr: expect.stringContaining(Key) });
	await s3.send(new DeleteObjectCommand(broken));
	expect(await replay("--resume")).toMatchObject({ code: 0 });
	const { live: _, ...others } = versions();
	expect(others).toEqual(all);
});

test.each([
	[["--from", "1h", "--to", "2h"], "The range ends before it starts"],
	[["--to", "1h"], "replay needs --from"],
	[["--from", "1h", "--to", "x.ts"], "or else --to with a function ARN"],
	[["--resume", "--from", "1h"], "leave out --from"],
	[["--from", "1h", "--rate", "-1"], "--rate"],
])("%j: refused in words, and nothing is sent", async (argv, words) => {
	expect(await replay(...argv)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(words) });
	expect(receiver.taken).toEqual([]);
});
