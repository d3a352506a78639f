import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
	DescribeTableCommand,
	DescribeTimeToLiveCommand,
	DynamoDBClient,
	PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeStreamSummaryCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { afterEach, expect, onTestFinished, test } from "vitest";
import type { Bindings } from "../../framework/contract/manifest.ts";
import { buildCode } from "../../framework/deploy/code.ts";
import { systemClock } from "../../framework/local/clock.ts";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";
import { type Run, startRun } from "../../framework/local/run.ts";
import type { Plan } from "../../framework/plan/types.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { jumpClock } from "../../framework/testing/jump-clock.ts";
import { startReceiver } from "../../framework/testing/local-engine.ts";
import { applyGraph } from "../../framework/testing/pulumi/apply/apply-graph.ts";
import { type Graph, resourceOf, type Value } from "../../framework/testing/pulumi/graph.ts";
import { readLines, readRequests } from "../local/reading.ts";
import { captureDeployment } from "./capture.ts";

const shipped = readFileSync(new URL("../../pipelines/user-actions.yaml", import.meta.url), "utf8");
/** The shipped pipeline in the environment `local`, where nothing outside is called; with some of its text replaced. */
const localPlan = (from: string | RegExp = "", to = ""): Plan =>
	planYaml("user-actions", shipped.replace(from, to), "local");

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
const TABLE = "tributary-local-user-actions";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

let run: Run | null = null;
const folders: string[] = [];
afterEach(async () => {
	await run?.close();
	run = null;
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What AWS would be told of a plan in this place, with the real bundles. */
async function captureHere(plan: Plan, { accountId, region, receiver = "" }: Bindings, dir: string): Promise<Graph> {
	const code = await buildCode(plan, projectRoot, join(dir, "bundles"));
	// Before anything is written: that is where consumers begin.
	const startedAt = new Date(Date.now() - 60_000).toISOString();
	const settings = { accountId, region, receiver, code, startedAt, protect: false };
	return (await captureDeployment(plan, { settings, engine: { accountId, region } })).graph;
}

/** Runs a plan as its captured graph, which a test may change first. */
async function runApplied(plan: Plan, change: (graph: Graph) => void = () => {}, clock = systemClock): Promise<Run> {
	const [dir, dataDir] = [mkdtempSync(join(tmpdir(), "code-")), mkdtempSync(join(tmpdir(), "applied-"))];
	folders.push(dir, dataDir);
	run = await startRun({ port: 0, dataDir, clock }, async ({ clients, bindings }) => {
		const graph = await captureHere(plan, bindings, dir);
		change(graph);
		return applyGraph(graph, clients);
	});
	return run;
}

async function put(uuids: readonly string[]): Promise<void> {
	const dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run?.endpoint ?? "" });
	for (const uuid of uuids) {
		const Item = { uuid: { S: uuid }, user: { S: "1" }, action: { S: "ClickOnLogo" } };
		await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item }));
	}
	dynamodb.destroy();
}

/** Where each event came out, by the item's uuid. */
async function outcomes({ endpoint }: Run) {
	const uuidOf = ({ dynamodb }: Record<string, unknown>) => (dynamodb as { Keys: { uuid: { S: string } } }).Keys.uuid.S;
	const place = { endpoint } as never;
	const stored = await readLines(place, "tributary-local-lake-000000000000-us-east-1", "pipeline=user-actions/");
	const exported = await readLines(place, "tributary-local-exports-000000000000-us-east-1", "");
	const received = await readRequests(place, { pipeline: "user-actions", consumer: "engagement" });
	return {
		lake: stored.map(uuidOf).sort(),
		exports: exported.map(({ uuid }) => uuid).sort(),
		webhook: received.map(({ body }) => JSON.parse(body).data.keys.uuid).sort(),
	};
}

test("what Pulumi is told of the shipped pipeline is what runs: events reach every consumer", async () => {
	const { endpoint, idle } = await runApplied(localPlan());
	await put(["a", "b", "c"]);
	await idle();
	const all = ["a", "b", "c"];
	expect(await outcomes(run as Run)).toEqual({ lake: all, exports: all, webhook: all });

	const [dynamodb, kinesis] = [
		new DynamoDBClient({ ...LOCAL_CLIENT, endpoint }),
		new KinesisClient({ ...LOCAL_CLIENT, endpoint }),
	];
	const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: TABLE }));
	expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_IMAGE" });
	const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
	expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" });
	const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: TABLE }));
	expect(StreamDescriptionSummary).toMatchObject({ RetentionPeriodHours: 168, OpenShardCount: 1 });
	for (const client of [dynamodb, kinesis]) client.destroy();
});

test.each([
	["a direct fan-out, without a stream between", "fanOut: kinesis", "fanOut: direct"],
	["an enhanced consumer", "- name: engagement", "- name: engagement\n    enhancedFanOut: true"],
])("%s delivers too", async (_, from, to) => {
	await runApplied(localPlan(from, to));
	await put(["a", "b"]);
	await run?.idle();
	const both = ["a", "b"];
	expect(await outcomes(run as Run)).toEqual({ lake: both, exports: both, webhook: both });
});

test("a schedule that Pulumi is told of redrives what a consumer could not take", async () => {
	const receiver = await startReceiver();
	onTestFinished(receiver.close);
	const clock = jumpClock();
	const target = `environments: { local: { consumers: { engagement: { with: { url: "${receiver.url}" } } } } }`;
	const consumer = "- name: engagement\n    retry: { budgetSeconds: 1 }\n    redrive: auto";
	await runApplied(localPlan(/- name: engagement([\s\S]*)/, `${consumer}$1\n${target}\n`), () => {}, clock);
	receiver.answer = () => 503;
	await put(["a"]);
	await run?.idle();
	receiver.answer = () => 200;
	clock.jump(15);
	await run?.idle();
	expect(receiver.taken.map(({ data }) => data.keys.uuid)).toEqual(["a"]);
});

test("it is the graph that counts: without a consumer's mapping, or with another filter, it gets nothing", async () => {
	await runApplied(localPlan(), (graph) => {
		const dropped = resourceOf(graph, MAPPING, "user-actions--clicks-for-quicksight-mapping");
		graph.resources.splice(graph.resources.indexOf(dropped), 1);
		const { inputs } = resourceOf(graph, MAPPING, "user-actions--engagement-mapping");
		inputs.filterCriteria = { filters: [{ pattern: JSON.stringify({ data: { eventName: ["REMOVE"] } }) }] };
	});
	await put(["a"]);
	await run?.idle();
	expect(await outcomes(run as Run)).toEqual({ lake: ["a"], exports: [], webhook: [] });
});

test("what cannot be made is refused, not left out", async () => {
	const lakeMapping = (input: string, value: Value) => (graph: Graph) => {
		resourceOf(graph, MAPPING, "user-actions--lake-mapping").inputs[input] = value;
	};
	await expect(runApplied(localPlan(), lakeMapping("tumblingWindowInSeconds", 5))).rejects.toThrow(
		"user-actions--lake-mapping: the embedded services are not told of tumblingWindowInSeconds",
	);
	await expect(runApplied(localPlan(), lakeMapping("eventSourceArn", "arn:of:nothing"))).rejects.toThrow(
		"reads arn:of:nothing, which the graph does not make",
	);
});
