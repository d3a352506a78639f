import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { listHours } from "../../../lake/list.ts";
import { ALL_TIME } from "../../../lake/range.ts";
import type { Verification } from "../../../lake/verify/verify.ts";
import { LOCAL_CLIENT } from "../../../local/local-client.ts";
import { type RunningProject, runProject } from "../../../testing/local-engine.ts";

const Bucket = "tributary-local-lake-000000000000-us-east-1";

let run: RunningProject;
let s3: S3Client;

beforeAll(async () => {
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: direct
lake: { maxBatchingWindowSeconds: 0, batchSize: 5 }
consumers: [{ name: copies, kind: s3, with: { content: record } }]
`,
	});
	const { endpoint } = run.engine;
	s3 = new S3Client({ ...LOCAL_CLIENT, endpoint, forcePathStyle: true });
	const dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint });
	for (let number = 0; number < 20; number++) {
		const Item = { orderId: { S: `o${number}` }, total: { N: String(number) } };
		await dynamodb.send(new PutItemCommand({ TableName: "tributary-local-orders", Item }));
	}
	await run.engine.idle();
	dynamodb.destroy();
});
afterAll(async () => {
	s3.destroy();
	await run.close();
});

/** Time enough for every record to have arrived. */
const later = (milliseconds = 600_000) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
beforeEach(() => void later());
afterEach(() => void vi.useRealTimers());

async function verify(...more: string[]) {
	const { code, stdout } = await run.cli(["lake", "verify", "orders", "--format", "json", ...more]);
	const lines = stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
	const result: Verification = lines.pop();
	return { code, result, codes: lines.map(({ code }) => code), details: lines.map(({ detail }) => detail) };
}

async function firstKey(): Promise<string> {
	for await (const { objects } of listHours({ s3, bucket: Bucket, pipeline: "orders" }, ALL_TIME))
		if (objects[0]) return objects[0].key;
	throw new Error("the lake is empty");
}

/** Does something to an object, and puts it back. */
async function without<Result>(change: (key: string, body: Buffer) => Promise<unknown>, look: () => Promise<Result>) {
	const Key = await firstKey();
	const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
	const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
	await change(Key, body);
	try {
		return await look();
	} finally {
		await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
	}
}

const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key }));

test("a local lake is complete on the word of its stream and its change log; the metrics agree", async () => {
	const { code, result, codes } = await verify();
	expect({ code, codes }).toEqual({ code: 0, codes: [] });
	expect(result).toMatchObject({ verdict: "complete", records: 20, unwitnessed: 0 });
	expect(result.witnesses.map(({ name, records, missing, pending }) => ({ name, records, missing, pending }))).toEqual([
		{ name: "stream of tributary-local-orders", records: 20, missing: 0, pending: 0 },
		{ name: "change log of tributary-local-orders", records: 20, missing: 0, pending: 0 },
	]);
	expect(result.metrics).toMatchObject({ stored: 20, held: 20, mapping: null, vouches: false });
	const { stdout } = await run.cli(["lake", "verify", "orders"]);
	expect(stdout).toMatch(/^witness {2}stream of tributary-local-orders, \d{4}-.*Z to .*Z: 20 records, all there$/m);
	expect(stdout).toMatch(/^verdict {2}complete, on the word of the stream of .* and the change log of /m);
});

test("the youngest records may still be on their way", async () => {
	vi.useRealTimers();
	const { code, result, codes } = await without(remove, () => verify("--witness", "stream"));
	expect({ code, codes }).toEqual({ code: 0, codes: [] });
	expect(result).toMatchObject({ verdict: "consistent", witnesses: [{ missing: 0, pending: 20 - result.records }] });
});

test.each([
	["stream", "missing"],
	["changes", "missing"],
	["metrics", "loss"],
])("an object that is gone: %s notices", async (witness, notice) => {
	const { code, result, codes } = await without(remove, () => verify("--witness", witness));
	expect({ code, verdict: result.verdict }).toEqual({ code: 1, verdict: "inconsistent" });
	expect(new Set(codes)).toEqual(new Set([notice]));
});

test("a record that is gone from its object is named by whoever knows each record", async () => {
	const lost: string[] = [];
	const drop = (Key: string, body: Buffer) => {
		const [first = "", ...lines] = gunzipSync(body).toString().split("\n");
		lost.push(JSON.parse(first).eventID);
		return s3.send(new PutObjectCommand({ Bucket, Key, Body: gzipSync(lines.join("\n")) }));
	};
	const { code, result, codes, details } = await without(drop, () => verify());
	expect(code).toBe(1);
	expect(codes).toContain("name");
	expect(details.filter((detail) => detail.includes(`the record ${lost[0]}`))).toHaveLength(2);
	expect(result.witnesses.map(({ missing }) => missing)).toEqual([1, 1]);
});

test("where witnesses disagree, it is said which", async () => {
	const log = join(run.project.root, ".tributary", "dev", "logs", "tributary-local-orders--lake.log");
	const counted =
		readFileSync(log, "utf8")
			.split("\n")
			.find((line) => line.includes("_aws")) ?? "";
	// As if a batch had come again after its answer was lost.
	writeFileSync(log, `${readFileSync(log, "utf8")}${counted}\n`);
	const { code, stdout } = await run.cli(["lake", "verify", "orders"]);
	expect(code).toBe(0);
	expect(stdout).toMatch(
		/^dispute {2}The metrics of .* counts more or others; the stream of .* and the change log of /m,
	);
	expect(stdout).toMatch(/^verdict {2}complete/m);
	expect((await verify("--witness", "metrics")).codes).toEqual(["loss"]);
});

test.each([
	["metrics", CloudWatchClient, "cloudwatch:GetMetricData"],
	["stream", DynamoDBStreamsClient, "dynamodb:DescribeStream"],
] as const)(
	"%s that may not be read leaves the other witnesses, unless it alone is asked",
	async (witness, client, leave) => {
		const refused = Object.assign(new Error("no"), { name: "AccessDeniedException" });
		const send = vi.spyOn(client.prototype, "send").mockRejectedValue(refused as never);
		onTestFinished(() => send.mockRestore());
		const { code, stdout, stderr } = await run.cli(["lake", "verify", "orders"]);
		expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/AccessDenied.* not asked\.$/m) });
		expect(stdout).toMatch(/^verdict {2}complete/m);
		const alone = await run.cli(["lake", "verify", "orders", "--witness", witness]);
		expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining(leave) });
	},
);

test("after the stream has forgotten, the change log still knows", async () => {
	later(2 * 86_400_000);
	const { code, result } = await verify();
	expect({ code, verdict: result.verdict }).toEqual({ code: 0, verdict: "complete" });
	expect(result.witnesses.map(({ records }) => records)).toEqual([0, 20]);
});

test("alone a lake is consistent at best", async () => {
	expect((await verify("--witness", "none")).result).toMatchObject({
		verdict: "consistent",
		witnesses: [],
		metrics: null,
	});
});

test.each([
	[["--witness", "streams"], 'Did you mean "stream"?'],
	[["--from", "2h", "--to", "3h"], "ends before it starts"],
] as const)("%j is refused", async (argv, message) => {
	const { code, stderr } = await run.cli(["lake", "verify", "orders", ...argv]);
	expect(code).toBe(2);
	expect(stderr).toContain(message);
});
