import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { StreamRecord } from "../../../contract/dynamodb.ts";
import { LOCAL_CLIENT } from "../../../local/local-client.ts";
import { describeFailure } from "../../../local/mapping/failure-dump.ts";
import { streamRecord } from "../../../testing/factories.ts";
import { type RunningProject, runProject, startReceiver, type TestReceiver } from "../../../testing/local-engine.ts";

const OPERATIONS = "tributary-local-operations-000000000000-us-east-1";

let receiver: TestReceiver;
let run: RunningProject;
let s3: S3Client;

beforeAll(async () => {
	receiver = await startReceiver();
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
lake: { maxBatchingWindowSeconds: 0 }
consumers: [{ name: crm, kind: http, with: { url: "https://crm.example.com" } }]
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } } } }
`,
	});
	s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint, forcePathStyle: true });
}, 60_000);
afterAll(async () => {
	s3?.destroy();
	await run?.close();
	await receiver?.close();
});
beforeEach(() => {
	receiver.taken.length = 0;
});

/** As Lambda dumps a batch of the table's stream that crashed its function again and again. */
async function dump(functionId: string, ...records: StreamRecord[]): Promise<void> {
	const { key, body } = describeFailure({
		...{ mappingId: `00000000-0000-0000-0000-00000000${functionId}`, sourceType: "dynamodb", streamArn: "arn" },
		...{ functionArn: `arn:aws:lambda:us-east-1:000000000000:function:tributary-local-orders--${functionId}` },
		...{ shardId: "shard", condition: "RetryAttemptsExhausted", requestId: "r", invokeCount: 3, functionError: true },
		events: records.map((record) => ({
			...{ sequenceNumber: record.dynamodb.SequenceNumber ?? "", arrivedAt: 0 },
			json: JSON.stringify(record),
		})),
		now: Date.parse("2026-11-24T09:30:00Z"),
	});
	await s3.send(new PutObjectCommand({ Bucket: OPERATIONS, Key: key, Body: body }));
}

const dumps = async (): Promise<object[]> => {
	const { stdout } = await run.cli(["dlq", "ls", "orders", "--format", "json"]);
	return stdout.split("\n").flatMap((line) => (line ? JSON.parse(line) : []));
};

const lakeIDs = async (): Promise<string[]> => {
	const { stdout } = await run.cli(["lake", "cat", "orders", "--from", "1970-01-01"]);
	return stdout.split("\n").flatMap((line) => (line ? JSON.parse(line).eventID : []));
};

test("a dump of the lake is shown with unknown outcome, and stored again: what was stored before is there once", async () => {
	const [a, b] = [streamRecord({ item: "a" }), streamRecord({ item: "b" })];
	await dump("lake", a);
	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "lake"])).toMatchObject({ code: 0 });
	await dump("lake", a, b);
	expect(await dumps()).toMatchObject([
		{ consumer: "lake", kind: "dump", outcome: "unknown", eventIDs: [a.eventID, b.eventID], attempts: 3 },
	]);
	const shown = await run.cli(["dlq", "show", "orders", b.eventID]);
	expect(JSON.parse(shown.stdout)).toMatchObject({ consumer: "lake", reason: expect.stringContaining("unknown") });
	expect((await run.cli(["dlq", "redrive", "orders", "--consumer", "lake", "--dry-run"])).stdout).toBe(
		"lake: 2 records would be sent.\n",
	);
	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "lake"])).toMatchObject({
		code: 0,
		stdout: "lake: 2 records taken, 0 left.\n",
	});
	expect((await lakeIDs()).sort()).toEqual([a.eventID, b.eventID].sort());
	expect(await dumps()).toEqual([]);
});

test("a dump of the router to Kinesis is forwarded again, and reaches the consumers by its eventIDs", async () => {
	const [a, b] = [streamRecord({ item: "c" }), streamRecord({ item: "d" })];
	await dump("router", a, b);
	expect(await dumps()).toMatchObject([{ consumer: "router", kind: "dump", eventIDs: [a.eventID, b.eventID] }]);
	expect((await run.cli(["dlq", "redrive", "orders"])).stdout).toContain("router: 2 records taken, 0 left.\n");
	await run.engine.idle();
	expect(receiver.taken.map(({ id }) => id).sort()).toEqual([a.eventID, b.eventID].sort());
	expect(await dumps()).toEqual([]);
});

test("letters are dropped and replays are sent for a consumer: neither the lake nor the router is one", async () => {
	for (const carrier of ["lake", "router"])
		expect(await run.cli(["dlq", "drop", "orders", "--consumer", carrier])).toMatchObject({
			code: 2,
			stderr: expect.stringContaining(`orders has no consumer "${carrier}"`),
		});
});
