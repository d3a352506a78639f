import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_CLIENT } from "../../../local/local-client.ts";
import type { NextAttempt } from "../../../operations/dead-letters/next-attempt.ts";
import { jumpClock } from "../../../testing/jump-clock.ts";
import {
	type Event,
	type RunningProject,
	runProject,
	startReceiver,
	type TestReceiver,
} from "../../../testing/local-engine.ts";

const EVERY = 15;

// Over the wire, through the real bundles: only the schedule's clock is the test's.
describe.each([
	{ fanOut: "direct", functionId: "router" },
	{ fanOut: "kinesis", functionId: "crm" },
])("redrive: auto, $fanOut", ({ fanOut, functionId }) => {
	const clock = jumpClock();
	let receiver: TestReceiver;
	let run: RunningProject;
	let dynamodb: DynamoDBClient;
	/** Every event that was asked for, whatever it was answered. */
	const asked: Event[] = [];
	const answerWith = (status: (event: Event) => number): void => {
		receiver.answer = (event) => {
			asked.push(event);
			return status(event);
		};
	};

	beforeAll(async () => {
		receiver = await startReceiver();
		run = await runProject(
			{
				"pipelines/orders.yaml": `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: ${fanOut}
lake: { enabled: false }
consumers:
  - name: crm
    kind: http
    retry: { budgetSeconds: 1 }
    redrive: { mode: auto, everyMinutes: ${EVERY}, maxAttempts: 3 }
    with: { url: "https://crm.example.com" }
  - { name: copies, kind: s3, with: { content: record } }
environments:
  local: { consumers: { crm: { with: { url: "${receiver.url}" } } } }
`,
			},
			{ clock },
		);
		dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: run.engine.endpoint });
	}, 60_000);
	afterAll(async () => {
		dynamodb?.destroy();
		await run?.close();
		await receiver?.close();
	});

	async function put(orderId: string, ...versions: number[]): Promise<void> {
		for (const version of versions) {
			const Item = { orderId: { S: orderId }, version: { N: String(version) } };
			await dynamodb.send(new PutItemCommand({ TableName: "tributary-local-orders", Item }));
		}
		await run.engine.idle();
	}

	async function look(): Promise<void> {
		clock.jump(EVERY);
		await run.engine.idle();
	}

	const versionsOf = (events: readonly Event[], orderId: string): unknown[] =>
		events.filter(({ data }) => data.keys.orderId === orderId).map(({ data }) => data.new?.version);

	const readLog = (): string => {
		const name = `tributary-local-orders--${functionId}.log`;
		return readFileSync(join(run.project.root, ".tributary", "dev", "logs", name), "utf8");
	};

	/** What becomes of the items that have letters, one entry for each. */
	async function states(): Promise<NextAttempt[]> {
		const { stdout } = await run.cli(["dlq", "ls", "orders", "--format", "json"]);
		const rows: { redrive: NextAttempt | null }[] = stdout
			.split("\n")
			.flatMap((line) => (line ? JSON.parse(line) : []));
		return rows.flatMap(({ redrive }) => redrive ?? []);
	}

	test("a consumer that is down for longer than its budget gets everything once it is back: in order, once, by itself", async () => {
		answerWith(() => 503);
		await put("a", 1, 2);
		expect(await states()).toEqual([{ status: "due", attempts: 0 }]);

		await look();
		expect(await states()).toMatchObject([{ status: "waiting", attempts: 1 }]);
		await look();
		expect(await states()).toMatchObject([{ status: "waiting", attempts: 2 }]);
		const before = asked.length;
		await look();
		expect(asked).toHaveLength(before);
		expect((await run.cli(["dlq", "ls", "orders"])).stdout).toContain("redriven 2 times by itself, next from ");

		answerWith(() => 200);
		await put("a", 3);
		expect(versionsOf(receiver.taken, "a")).toEqual([]);
		await look();
		expect(versionsOf(receiver.taken, "a")).toEqual([1, 2, 3]);
		expect(receiver.taken.every(({ replayid }) => replayid?.startsWith("auto-"))).toBe(true);
		expect(await states()).toEqual([]);
		await put("a", 4);
		await look();
		expect(versionsOf(receiver.taken, "a")).toEqual([1, 2, 3, 4]);
		expect(receiver.taken.at(-1)?.replayid).toBeUndefined();
	}, 60_000);

	test("what was refused waits for a person, who sends it on", async () => {
		answerWith(() => 400);
		await put("b", 1, 2);
		answerWith(() => 200);
		const before = asked.length;
		await look();
		expect(asked).toHaveLength(before);
		expect(await states()).toEqual([{ status: "given-up", attempts: 0, why: "rejected" }]);
		await run.cli(["dlq", "redrive", "orders", "--consumer", "crm"]);
		expect(versionsOf(receiver.taken, "b")).toEqual([1, 2]);
		expect(await states()).toEqual([]);
	}, 60_000);

	test("what fails as often as it may stays, with a metric and a word in the log; one refused on the way as well", async () => {
		const begun = readLog().length;
		answerWith(() => 503);
		await put("c", 1);
		await put("d", 1, 2);
		answerWith(({ data }) => (data.keys.orderId === "c" ? 503 : data.new?.version === 2 ? 400 : 200));
		for (let turn = 0; turn < 5; turn++) await look();
		expect(versionsOf(receiver.taken, "d")).toEqual([1]);
		expect((await states()).sort((one, other) => one.attempts - other.attempts)).toEqual([
			{ status: "given-up", attempts: 1, why: "rejected" },
			{ status: "given-up", attempts: 3, why: "attempts" },
		]);
		const before = asked.length;
		await look();
		expect(asked).toHaveLength(before);
		const log = readLog().slice(begun);
		const sum = (metric: string): number =>
			[...log.matchAll(new RegExp(`"${metric}":(\\d+)`, "g"))].reduce((total, [, value]) => total + Number(value), 0);
		expect([sum("redriven"), sum("redriveGivenUp")]).toEqual([1, 2]);
		expect(log).toMatch(/stays a dead letter of crm until `pipeline dlq redrive`/);
	}, 60_000);
});
