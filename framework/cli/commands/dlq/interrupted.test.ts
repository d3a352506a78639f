import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LOCAL_CLIENT } from "../../../local/local-client.ts";
import { takeLease } from "../../../operations/lease.ts";
import type { ConsumerPlace, Services } from "../../../operations/place.ts";
import { type RunningProject, runProject, startReceiver, type TestReceiver } from "../../../testing/local-engine.ts";

const pipeline = fileURLToPath(new URL("../../bin.js", import.meta.url));
const STATE = "tributary-local--state";
const REDRIVE = ["dlq", "redrive", "orders", "--consumer", "crm"];

const place: ConsumerPlace = {
	...{ pipeline: "orders", consumer: "crm", functionName: "tributary-local-orders--router", together: ["crm"] },
	...{ timeoutSeconds: 60, recordAgeSeconds: 79_200, batchSize: 10, redrive: null },
	...{ bucket: "", stateTable: STATE, scope: "orders/router" },
};

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
consumers: [{ name: crm, kind: http, with: { url: "https://crm.example.com" } }]
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } } } }
`,
	});
	dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
}, 60_000);
afterAll(async () => {
	dynamodb?.destroy();
	await run?.close();
	await receiver?.close();
});
beforeEach(() => {
	receiver.taken.length = 0;
});

/** An item with two letters: a refused record and one behind it. */
async function parkTwo(): Promise<string> {
	const orderId = `o${++items}`;
	receiver.answer = () => 400;
	for (const version of ["1", "2"]) {
		const Item = { orderId: { S: orderId }, version: { N: version } };
		await dynamodb.send(new PutItemCommand({ TableName: "tributary-local-orders", Item }));
	}
	await run.engine.idle();
	receiver.answer = () => 200;
	return orderId;
}

const versionsOf = (orderId: string): unknown[] =>
	receiver.taken.filter(({ data }) => data.keys.orderId === orderId).map(({ data }) => data.new?.version);

const listed = async (): Promise<string> => (await run.cli(["dlq", "ls", "orders"])).stdout;

test("whoever comes second is told so, and leaves everything as it was", async () => {
	const orderId = await parkTwo();
	const before = await listed();
	const services = { dynamodb, now: Date.now, sleep: async () => {} } as unknown as Services;
	const lease = await takeLease(place, services, "somebody else");
	for (const command of [REDRIVE, ["dlq", "drop", "orders", "--consumer", "crm", "--yes"]])
		expect(await run.cli(command)).toMatchObject({
			code: 2,
			stdout: "",
			stderr: expect.stringMatching(
				/^pipeline: Another redrive, drop or replay of crm is under way\. If it was killed, its hold ends 120 s after its last batch\.\n$/,
			),
		});
	expect(await listed()).toBe(before);
	expect(versionsOf(orderId)).toEqual([]);
	await lease.release();
	expect(await run.cli(REDRIVE)).toMatchObject({ code: 0 });
	expect(versionsOf(orderId)).toEqual([1, 2]);
});

test("a redrive that was killed is gone on with once its hold is over: nothing is lost, order stays", async () => {
	const orderIds = [await parkTwo(), await parkTwo(), await parkTwo()];
	const child: ChildProcess = spawn(process.execPath, [pipeline, ...REDRIVE, "--rate", "2"], {
		cwd: run.project.root,
		stdio: "ignore",
	});
	receiver.answer = () => {
		// In the middle of its first call, whose letters it cannot delete any more.
		if (receiver.taken.length === 2) child.kill("SIGKILL");
		return 200;
	};
	await once(child, "exit");
	await run.engine.idle();
	expect(await run.cli(REDRIVE)).toMatchObject({ code: 2, stderr: expect.stringContaining("its hold ends 120 s") });

	const hold = { scope: { S: place.scope }, row: { S: "lease/crm" } };
	await dynamodb.send(
		new UpdateItemCommand({
			...{ TableName: STATE, Key: hold, UpdateExpression: "SET leaseUntil = :past" },
			ExpressionAttributeValues: { ":past": { N: "1" } },
		}),
	);
	expect(await run.cli(REDRIVE)).toMatchObject({ code: 0, stdout: expect.stringContaining("0 left") });
	for (const orderId of orderIds) {
		const versions = versionsOf(orderId);
		expect([...new Set(versions)]).toEqual([1, 2]);
		// What was under way when it died may have come twice, and then first.
		expect(versions).toEqual([...versions].sort());
	}
	expect(await listed()).toBe("");
});
