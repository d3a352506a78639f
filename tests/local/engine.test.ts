import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
	InvokeCommand,
	LambdaClient,
	ListEventSourceMappingsCommand,
	UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadPlan } from "../../framework/cli/project.ts";
import { bind } from "../../framework/contract/manifest.ts";
import { type DeliveryReport, type Engine, type EngineOptions, startEngine } from "../../framework/local/engine.ts";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";
import type { Plan } from "../../framework/plan/types.ts";
import { streamRecord } from "../../framework/testing/factories.ts";
import { readLines, readRequests } from "./reading.ts";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
const io = {
	stdout: () => {},
	stderr: () => {},
	cwd: projectRoot,
	env: {},
	terminal: false,
	printsToTerminal: false,
	signal: new AbortController().signal,
};

let plan: Plan;
let dataDir: string;
let engine: Engine;
let deliveries: DeliveryReport[];

const start = (more: Partial<EngineOptions> = {}): Promise<Engine> =>
	startEngine({ plan, projectRoot, port: 0, dataDir, onDelivery: (report) => deliveries.push(report), ...more });

beforeAll(async () => {
	const loaded = await loadPlan(io, { env: "local", names: ["user-actions"] });
	if (!loaded) throw new Error("the shipped pipeline has problems");
	plan = loaded;
	dataDir = mkdtempSync(join(tmpdir(), "engine-"));
	deliveries = [];
	engine = await start();
});
afterAll(async () => {
	await engine.close();
	rmSync(dataDir, { recursive: true, force: true });
});

async function put(uuids: readonly string[]): Promise<void> {
	const dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
	for (const uuid of uuids) {
		const Item = { uuid: { S: uuid }, user: { S: "1" }, action: { S: "ClickOnLogo" } };
		await dynamodb.send(new PutItemCommand({ TableName: engine.pipelines[0]?.table, Item }));
	}
	dynamodb.destroy();
}

const exported = async (): Promise<unknown[]> => {
	const consumer = plan.pipelines[0]?.functions.find(({ id }) => id === "clicks-for-quicksight")?.manifest.consumers[0];
	const settings = consumer?.settings as { bucket: string; prefix: string };
	return (await readLines(engine, bind(settings.bucket, engine.bindings), settings.prefix))
		.map(({ uuid }) => uuid)
		.sort();
};

const stored = async (): Promise<unknown[]> => {
	const { lakeBucket, lakePrefix } = engine.pipelines[0] ?? {};
	const records = await readLines(engine, lakeBucket ?? "", lakePrefix ?? "");
	return records.map(({ dynamodb }) => (dynamodb as { Keys: { uuid: { S: string } } }).Keys.uuid.S).sort();
};

async function received(): Promise<string[]> {
	const requests = await readRequests(engine, { pipeline: "user-actions", consumer: "engagement" });
	return requests.map(({ body }) => JSON.parse(body).data.keys.uuid as string).sort();
}

test("what an SDK puts reaches the lake, the bucket and the receiver", async () => {
	await put(["a", "b", "c"]);
	await engine.idle();
	expect(await stored()).toEqual(["a", "b", "c"]);
	expect(await exported()).toEqual(["a", "b", "c"]);
	expect(await received()).toEqual(["a", "b", "c"]);
	expect(new Set(deliveries.map(({ functionId }) => functionId))).toEqual(
		new Set(["lake", "router", "clicks-for-quicksight", "engagement"]),
	);
});

test("a second start goes on where the first ended; close hands on what waited", async () => {
	await put(["d"]);
	await engine.close();
	deliveries = [];
	engine = await start();
	await engine.idle();
	expect(deliveries).toEqual([]);
	expect(await stored()).toEqual(["a", "b", "c", "d"]);
	expect(await exported()).toEqual(["a", "b", "c", "d"]);
	await put(["e"]);
	await engine.idle();
	expect(await stored()).toEqual(["a", "b", "c", "d", "e"]);
});

test("a port that is taken, a folder in use and other keys are refused in words", async () => {
	const port = Number(new URL(engine.endpoint).port);
	const other = mkdtempSync(join(tmpdir(), "engine-"));
	const data = join(other, "data");
	await expect(start({ port, dataDir: data })).rejects.toThrow(`Port ${port} is in use`);
	expect(existsSync(data)).toBe(false);
	await expect(start()).rejects.toThrow("is in use by process");
	await engine.close();
	const changed = structuredClone(plan);
	const table = changed.pipelines[0]?.resources.find(({ type }) => type === "AWS::DynamoDB::Table");
	if (table?.type === "AWS::DynamoDB::Table") table.properties.keys.sort = null;
	await expect(start({ plan: changed })).rejects.toThrow(/keys uuid \(S\), user \(S\).*--fresh/);
	const taken = createServer().listen(0, "127.0.0.1");
	await once(taken, "listening");
	await expect(start({ port: (taken.address() as AddressInfo).port, fresh: true })).rejects.toThrow("is in use");
	taken.close();
	engine = await start();
	// What it refused to do, it did not begin: nothing was emptied.
	expect(await stored()).toEqual(["a", "b", "c", "d", "e"]);
	rmSync(other, { recursive: true, force: true });
});

test("Lambda's API invokes a function of the run by its name, and disables its mapping", async () => {
	const lambda = new LambdaClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
	const FunctionName = "tributary-local-user-actions--engagement";
	const list = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
	const [mapping] = list.EventSourceMappings ?? [];
	expect(mapping).toMatchObject({ State: "Enabled", EventSourceArn: expect.stringContaining(":stream/") });
	const enable = (Enabled: boolean) =>
		lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled }));
	expect((await enable(false)).State).toBe("Disabled");
	const before = await received();
	await put(["f"]);
	while ((await exported()).at(-1) !== "f") await new Promise((resolve) => setImmediate(resolve));
	expect(await received()).toEqual(before);
	await enable(true);
	await engine.idle();
	expect(await received()).toEqual([...before, "f"]);

	const record = streamRecord({ item: "by-name" });
	record.dynamodb.Keys = { uuid: { S: "by-name" }, user: { S: "1" } };
	const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify({ Records: [record] }) }));
	expect(answer.FunctionError).toBeUndefined();
	expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toEqual({ batchItemFailures: [] });
	expect(await received()).toContain("by-name");
	const broken = await lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }));
	expect(broken.FunctionError).toBe("Unhandled");
	lambda.destroy();
});

test("a planted fault reaches the function: the tampered batch loses a record", async () => {
	await engine.close();
	let lost = false;
	engine = await start({
		fresh: true,
		tamper(functionId, _pipeline, batch) {
			if (functionId !== "engagement" || lost) return batch;
			lost = true;
			return batch.slice(1);
		},
	});
	await put(["a", "b", "c"]);
	await engine.idle();
	expect(await stored()).toEqual(["a", "b", "c"]);
	expect((await received()).length).toBeLessThan(3);
});
