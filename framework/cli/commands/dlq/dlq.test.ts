import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { streamRecord } from "../../../testing/factories.ts";
import { type RunningProject, runProject, startReceiver, type TestReceiver } from "../../../testing/local-engine.ts";

const OPERATIONS = "tributary-local-operations-000000000000-us-east-1";
const CLIENT = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };

let receiver: TestReceiver;
let run: RunningProject;
let dynamodb: DynamoDBClient;
let items = 0;

beforeAll(async () => {
	receiver = await startReceiver();
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: direct
lake: { enabled: false }
consumers:
  - { name: crm, kind: http, with: { url: "https://crm.example.com", signingSecret: secretsmanager:crm } }
  - { name: copies, kind: s3, with: { content: record } }
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } } } }
`,
	});
	dynamodb = new DynamoDBClient({ ...CLIENT, endpoint: run.engine.endpoint });
});
afterAll(async () => {
	dynamodb.destroy();
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

const versionsOf = (orderId: string): unknown[] =>
	receiver.taken.filter(({ data }) => data.keys.orderId === orderId).map(({ data }) => data.new?.version);

/** Items in quarantine; what a redrive remembers of its own lies beside them. */
async function quarantined(): Promise<string[]> {
	const { Items = [] } = await dynamodb.send(
		new QueryCommand({
			TableName: "tributary-local--state",
			KeyConditionExpression: "#scope = :scope",
			FilterExpression: "attribute_exists(quarantine)",
			ExpressionAttributeNames: { "#scope": "scope" },
			ExpressionAttributeValues: { ":scope": { S: "orders/router" } },
		}),
	);
	return Items.map(({ row }) => row?.S ?? "").filter((row) => row.startsWith("crm/"));
}

/** An item with two letters: a refused record and one behind it. */
async function parkTwo(): Promise<string> {
	const orderId = `o${++items}`;
	receiver.answer = ({ data }) => (data.keys.orderId === orderId ? 400 : 200);
	await put(orderId, 1);
	await put(orderId, 2);
	await run.engine.idle();
	return orderId;
}

const rows = async (): Promise<{ eventIDs: string[]; reason: string; attempts: number; firstFailedAt: string }[]> => {
	const { stdout } = await run.cli(["dlq", "ls", "orders", "--format", "json"]);
	return stdout
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));
};

test("ls, show, redrive: what was refused is delivered in order after the fix, and the item is free again", async () => {
	const orderId = await parkTwo();
	const [first, second] = await rows();
	expect([first, second]).toMatchObject([
		{ consumer: "crm", kind: "letter", attempts: 1, outcome: "parked" },
		{ consumer: "crm", kind: "letter", attempts: 0, reason: expect.stringContaining("It is behind") },
	]);
	const shown = await run.cli(["dlq", "show", "orders", first?.eventIDs[0] ?? ""]);
	expect(JSON.parse(shown.stdout)).toMatchObject({ record: { dynamodb: { Keys: { orderId: { S: orderId } } } } });
	const dry = await run.cli(["dlq", "redrive", "orders", "--dry-run", "--consumer", "crm"]);
	expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining("2 records of 1 item would be sent") });
	expect(versionsOf(orderId)).toEqual([]);

	const refused = await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"]);
	expect(refused).toMatchObject({ code: 1, stdout: "crm: 0 records delivered, 2 left.\n" });
	expect(await rows()).toMatchObject([
		{ attempts: 2, firstFailedAt: first?.firstFailedAt, reason: expect.stringContaining("400") },
		{ attempts: 0 },
	]);
	expect(await quarantined()).toHaveLength(1);

	receiver.answer = () => 200;
	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).toMatchObject({
		code: 0,
		stdout: "crm: 2 records delivered, 1 item out of quarantine, 0 left.\n",
	});
	expect(versionsOf(orderId)).toEqual([1, 2]);
	expect(await rows()).toEqual([]);
	expect(await quarantined()).toEqual([]);
	await put(orderId, 3);
	await run.engine.idle();
	expect(versionsOf(orderId)).toEqual([1, 2, 3]);
});

test("drop: says what it would delete, deletes with --yes, and frees the item", async () => {
	const orderId = await parkTwo();
	expect(await run.cli(["dlq", "drop", "orders", "--consumer", "crm"])).toMatchObject({
		code: 0,
		stderr: expect.stringContaining("2 letters would be deleted"),
	});
	const [, second] = await rows();
	const event = second?.eventIDs[0] ?? "";
	expect(await run.cli(["dlq", "drop", "orders", "--consumer", "crm", "--event", event, "--yes"])).toMatchObject({
		stdout: "1 letter deleted, 0 items out of quarantine.\n",
	});
	receiver.answer = () => 200;
	expect((await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).stdout).toContain(
		"1 item out of quarantine",
	);
	expect(versionsOf(orderId)).toEqual([1]);
	expect(await quarantined()).toEqual([]);
});

test("a dump of a crashed batch is shown with unknown outcome, redriven for each consumer, and then gone", async () => {
	const Key = "aws/lambda/0/shard/2026/11/24/2026-11-24T09.30.00-x";
	const [a, b] = [streamRecord({ item: "dumped-a" }), streamRecord({ item: "dumped-b" })];
	const s3 = new S3Client({ ...CLIENT, endpoint: run.engine.endpoint, forcePathStyle: true });
	const Body = JSON.stringify({
		requestContext: {
			functionArn: "arn:aws:lambda:us-east-1:000000000000:function:tributary-local-orders--router",
			condition: "RetryAttemptsExhausted",
			approximateInvokeCount: 3,
		},
		timestamp: "2026-11-24T09:30:00.000Z",
		payload: JSON.stringify({ Records: [a, b] }),
	});
	await s3.send(new PutObjectCommand({ Bucket: OPERATIONS, Key, Body }));
	s3.destroy();
	expect(await rows()).toMatchObject([
		{ consumer: "crm", kind: "dump", outcome: "unknown", eventIDs: [a.eventID, b.eventID] },
		{ consumer: "copies", kind: "dump" },
	]);
	expect((await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).stdout).toContain("2 records delivered");
	expect(receiver.taken.map(({ id }) => id).sort()).toEqual([a.eventID, b.eventID].sort());
	expect(await rows()).toMatchObject([{ consumer: "copies" }]);
	expect((await run.cli(["dlq", "redrive", "orders"])).stdout).toContain("copies: 2 records delivered");
	expect(receiver.taken).toHaveLength(2);
	expect(await rows()).toEqual([]);
});

test("what it cannot do it says, and does nothing", async () => {
	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "cmr"])).toMatchObject({
		code: 2,
		stderr: expect.stringContaining('Did you mean "crm"?'),
	});
	expect(await run.cli(["dlq", "redrive", "orders", "--rate", "0"])).toMatchObject({ code: 2 });
	expect(await run.cli(["dlq", "drop", "orders"])).toMatchObject({ code: 2 });
	expect(await run.cli(["dlq", "show", "orders", "nothing"])).toMatchObject({ code: 1 });
});

test("a function that is not the run's answers nothing a redrive would believe", async () => {
	const lambda = new LambdaClient({ ...CLIENT, endpoint: run.engine.endpoint });
	const answer = await lambda.send(new InvokeCommand({ FunctionName: "elsewhere", Payload: Buffer.from("{}") }));
	lambda.destroy();
	expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString() || "null")?.outcomes).toBeUndefined();
});

test("a redrive that is stopped says what is left; run again it neither leaves a gap nor repeats anything", async () => {
	const orderIds = [await parkTwo(), await parkTwo(), await parkTwo()];
	const stop = new AbortController();
	receiver.answer = () => {
		// The first call takes one record of each item.
		if (receiver.taken.length === 2) stop.abort();
		return 200;
	};
	const stopped = await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"], stop.signal);
	expect(stopped).toMatchObject({ code: 1, stdout: "crm: 3 records delivered, 3 left.\n" });
	expect(stopped.stderr).toContain("run it again to go on");
	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).toMatchObject({
		code: 0,
		stdout: "crm: 3 records delivered, 3 items out of quarantine, 0 left.\n",
		stderr: expect.stringContaining("3 of 3 records"),
	});
	for (const orderId of orderIds) expect(versionsOf(orderId)).toEqual([1, 2]);
	expect(await rows()).toEqual([]);
});
