import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LOCAL_CLIENT } from "../../../local/local-client.ts";
import { deadLetterKey } from "../../../runtime/dead-letters.ts";
import { streamRecord } from "../../../testing/factories.ts";
import { type RunningProject, runProject, startReceiver, type TestReceiver } from "../../../testing/local-engine.ts";

const OPERATIONS = "tributary-local-operations-000000000000-us-east-1";

let receiver: TestReceiver;
let births: TestReceiver;
let s3: S3Client;
let run: RunningProject;
let dynamodb: DynamoDBClient;
let items = 0;

beforeAll(async () => {
	receiver = await startReceiver();
	births = await startReceiver();
	run = await runProject({
		"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: direct
lake: { enabled: false }
consumers:
  - { name: crm, kind: http, with: { url: "https://crm.example.com", signingSecret: secretsmanager:crm } }
  - { name: copies, kind: s3, with: { content: record } }
  - { name: births, kind: http, when: { events: [INSERT] }, with: { url: "https://births.example.com" } }
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } }, births: { with: { url: "${births.url}" } } } }
`,
	});
	dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
	s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint, forcePathStyle: true });
});
afterAll(async () => {
	dynamodb.destroy();
	s3.destroy();
	await run.close();
	await receiver.close();
	await births.close();
});
beforeEach(() => {
	receiver.taken.length = 0;
	births.taken.length = 0;
	receiver.answer = () => 200;
	births.answer = () => 200;
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
	expect(await rows()).toMatchObject([
		{ consumer: "crm", kind: "dump", outcome: "unknown", eventIDs: [a.eventID, b.eventID] },
		{ consumer: "copies", kind: "dump" },
		{ consumer: "births", kind: "dump" },
	]);
	expect((await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).stdout).toContain("2 records delivered");
	expect(receiver.taken.map(({ id }) => id).sort()).toEqual([a.eventID, b.eventID].sort());
	expect(await rows()).toMatchObject([{ consumer: "copies" }, { consumer: "births" }]);
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
	const lambda = new LambdaClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
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

test("what the consumer does not select any more holds its item no longer: it is put aside until it is dropped", async () => {
	births.answer = () => 400;
	const orderId = `o${++items}`;
	await put(orderId, 1);
	await dynamodb.send(new DeleteItemCommand({ TableName: "tributary-local-orders", Key: { orderId: { S: orderId } } }));
	await put(orderId, 2);
	await run.engine.idle();
	births.answer = () => 200;
	const { stdout } = await run.cli(["dlq", "ls", "orders", "--consumer", "births", "--format", "json"]);
	const [{ key, eventIDs }] = stdout.split("\n").flatMap((line) => (line ? JSON.parse(line) : []));
	// As if the condition had been another one when it was parked.
	const { Body } = await s3.send(new GetObjectCommand({ Bucket: OPERATIONS, Key: key }));
	const changed = ((await Body?.transformToString()) ?? "").replace('"INSERT"', '"MODIFY"');
	await s3.send(new PutObjectCommand({ Bucket: OPERATIONS, Key: key, Body: changed }));

	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "births"])).toMatchObject({
		code: 0,
		stdout: "births: 1 record delivered, 1 not selected any more, 1 item out of quarantine, 0 left.\n",
		stderr: expect.stringContaining("`pipeline dlq drop --skipped` deletes it"),
	});
	expect(births.taken.map(({ data }) => data.new?.version)).toEqual([2]);
	const listed = (await run.cli(["dlq", "ls", "orders", "--consumer", "births"])).stdout;
	expect(listed).toContain("not selected by the consumer any more: no item waits for it");
	const shown = JSON.parse((await run.cli(["dlq", "show", "orders", eventIDs[0]])).stdout);
	expect(shown).toMatchObject({ skipped: { reason: expect.stringContaining("INSERT") } });
	expect((await run.cli(["dlq", "redrive", "orders", "--consumer", "births"])).stdout).toContain(
		"0 records delivered, 0 left",
	);
	const drop = ["dlq", "drop", "orders", "--consumer", "births", "--yes"];
	expect(await run.cli(drop)).toMatchObject({ code: 1, stdout: "0 letters deleted, 0 items out of quarantine.\n" });
	expect(await run.cli([...drop, "--skipped"])).toMatchObject({
		code: 0,
		stdout: expect.stringContaining("1 letter deleted"),
	});
	expect(await rows()).toEqual([]);
});

test("a letter whose data were no record is shown as text, never sent, and can only be dropped", async () => {
	const letter = {
		...({ formatVersion: 1, pipeline: "orders", consumer: "crm", eventID: "shardId-000:49", attempts: 1 } as const),
		...{ reason: "The record is malformed: its data is not JSON.", replayId: null },
		...{ firstFailedAt: "2026-11-24T09:00:00.000Z", parkedAt: "2026-11-24T09:00:00.000Z" },
		record: { base64: Buffer.from("Hello, is this on?").toString("base64") },
	};
	const Key = deadLetterKey(letter, { keyHash: "f".repeat(64), sequence: `/${"49".padStart(40, "0")}` });
	await s3.send(new PutObjectCommand({ Bucket: OPERATIONS, Key, Body: JSON.stringify(letter) }));
	expect((await run.cli(["dlq", "ls", "orders"])).stdout).toContain(
		"its data are no JSON: it cannot be redriven, only dropped",
	);
	const shown = JSON.parse((await run.cli(["dlq", "show", "orders", "shardId-000:49"])).stdout);
	expect(shown).toMatchObject({
		text: "Hello, is this on?",
		note: expect.stringContaining("no consumer can be given"),
	});
	expect(await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"])).toMatchObject({
		code: 1,
		stdout: "crm: 0 records delivered, 1 left.\n",
		stderr: expect.stringContaining(
			"cannot be sent: its data are no JSON: `pipeline dlq show` has them, `pipeline dlq drop` deletes them",
		),
	});
	await run.cli(["dlq", "drop", "orders", "--consumer", "crm", "--yes"]);
	expect(await rows()).toEqual([]);
});
