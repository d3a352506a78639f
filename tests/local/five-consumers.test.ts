import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
	BatchWriteItemCommand,
	DeleteItemCommand,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	TransactWriteItemsCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, startEngine } from "../../framework/local/engine.ts";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { fakeClock } from "../../framework/testing/fake-clock.ts";
import { readLines, readRequests } from "./reading.ts";

/** Nothing of it is like the pipeline that is shipped: keys, view, kinds, conditions. */
const PARTS = `
name: parts
table:
  keys: { partition: { name: part, type: N }, sort: { name: lot, type: B } }
  ttl: gone
  viewType: NEW_AND_OLD_IMAGES
lake: { maxBatchingWindowSeconds: 0, compression: zstd }
fanOut: FAN_OUT
consumers:
  - { name: all-records, kind: s3, with: { content: record, prefix: all } }
  - name: expensive
    kind: s3
    when: { events: [INSERT, MODIFY], new: { price: { gte: 100.5 } } }
    with: { content: event, prefix: expensive }
  - name: sold
    kind: http
    when: { events: [MODIFY], new: { state: SOLD }, old: { state: { not: SOLD } }, changed: [state] }
    with: { url: "https://example.com/sold", signingSecret: "secretsmanager:sold" }
  - { name: gone, kind: http, when: { events: [REMOVE, EXPIRE] }, with: { url: "https://example.com/gone" } }
  - name: counter
    kind: lambda
    when: { any: [{ new: { tags: { contains: hot } } }, { old: { state: { prefix: RE } } }] }
    with: { functionName: count-parts }
`;

const TABLE = "tributary-local-parts";
const EXPORTS = "tributary-local-exports-000000000000-us-east-1";
/** More digits than a float holds; bytes that are no text. */
const WIDE = { part: { N: "12345678901234567890.5" }, lot: { B: new Uint8Array([0, 255, 10]) } };
const keyOf = (part: number) => ({ part: { N: String(part) }, lot: { B: new Uint8Array([part]) } });

interface StreamRecord {
	eventName: string;
	dynamodb: { Keys: { part: { N: string }; lot: { B: string } } };
}
const named = ({ eventName, dynamodb }: StreamRecord): string => `${eventName} ${dynamodb.Keys.part.N}`;

describe.each([
	["kinesis", "{ mode: kinesis, shards: 2 }"],
	["direct", "direct"],
])("five consumers and other keys, %s", (topology, fanOut) => {
	let engine: Engine;
	let dataDir: string;

	beforeAll(async () => {
		dataDir = mkdtempSync(join(tmpdir(), "five-"));
		const yaml = PARTS.replace("FAN_OUT", fanOut).replace(
			"name: sold\n",
			topology === "kinesis" ? "name: sold\n    enhancedFanOut: true\n" : "name: sold\n",
		);
		const clock = fakeClock(Date.now());
		engine = await startEngine({
			plan: planYaml("parts", yaml, "local"),
			projectRoot: fileURLToPath(new URL("../..", import.meta.url)),
			port: 0,
			dataDir,
			clock,
		});
		await write(clock.now());
		clock.advance(2000);
		await untilGone(keyOf(2));
		await engine.idle();
	}, 60_000);
	afterAll(async () => {
		await engine.close();
		rmSync(dataDir, { recursive: true, force: true });
	});

	async function write(now: number): Promise<void> {
		const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
		const put = (item: object) => client.send(new PutItemCommand({ TableName: TABLE, Item: { ...item } }));
		const sell = new UpdateItemCommand({
			TableName: TABLE,
			Key: WIDE,
			UpdateExpression: "SET #state = :sold",
			ExpressionAttributeNames: { "#state": "state" },
			ExpressionAttributeValues: { ":sold": { S: "SOLD" } },
		});
		await put({ ...WIDE, state: { S: "NEW" }, price: { N: "100.5" }, tags: { SS: ["hot", "new"] } });
		await client.send(sell);
		// Changes nothing, and deletes nothing: no record of either.
		await client.send(sell);
		await client.send(new DeleteItemCommand({ TableName: TABLE, Key: keyOf(9) }));
		await client.send(new DeleteItemCommand({ TableName: TABLE, Key: WIDE }));
		const gone = { N: String(Math.floor(now / 1000) - 5) };
		await put({ ...keyOf(2), state: { S: "RESERVED" }, price: { N: "100.49" }, gone });
		await client.send(
			new TransactWriteItemsCommand({
				TransactItems: [3, 4].map((part) => ({
					Put: { TableName: TABLE, Item: { ...keyOf(part), price: { N: part === 3 ? "1e3" : "1" } } },
				})),
			}),
		);
		const batch = [5, 6].map((part) => ({ PutRequest: { Item: { ...keyOf(part), price: { N: String(part * 20) } } } }));
		await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: batch } }));
		client.destroy();
	}

	async function untilGone(Key: ReturnType<typeof keyOf>): Promise<void> {
		const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
		const get = new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true });
		while ((await client.send(get)).Item);
		client.destroy();
	}

	const WIDE_STORY = ["INSERT", "MODIFY", "REMOVE"].map((event) => `${event} ${WIDE.part.N}`);
	const EVERYTHING = [...WIDE_STORY, "INSERT 2", "REMOVE 2", "INSERT 3", "INSERT 4", "INSERT 5", "INSERT 6"].sort();

	test("the lake and the consumer without a condition hold every record", async () => {
		const lake = (await readLines(engine, engine.pipelines[0]?.lakeBucket ?? "", "pipeline=parts/")) as never[];
		const all = (await readLines(engine, EXPORTS, "all/")) as never[];
		expect(lake.map(named).filter((name) => WIDE_STORY.includes(name))).toEqual(WIDE_STORY);
		expect(lake.map(named).sort()).toEqual(EVERYTHING);
		expect(all.map(named).sort()).toEqual(EVERYTHING);
		const byNumber = (a: { eventID: string }, b: { eventID: string }) => (a.eventID < b.eventID ? -1 : 1);
		expect(all.sort(byNumber)).toEqual(lake.sort(byNumber));
		expect(JSON.stringify(lake)).toContain(JSON.stringify({ part: WIDE.part, lot: { B: "AP8K" } }));
	});

	test("conditions select: numbers, images, changes, sets, events", async () => {
		const text = (await readLines(engine, EXPORTS, "expensive/")).map((event) => event.subject);
		expect(text.sort()).toEqual(["6/Bg%3D%3D", `${WIDE.part.N}/AP8K`, `${WIDE.part.N}/AP8K`, "3/Aw%3D%3D"].sort());
		const sold = await readRequests(engine, { pipeline: "parts", consumer: "sold" });
		expect(sold.map(({ signature }) => signature)).toEqual(["valid"]);
		// The text, not what JSON.parse makes of it: every digit is there.
		expect(sold[0]?.body).toContain(`"part":${WIDE.part.N}`);
		expect(JSON.parse(sold[0]?.body ?? "").data).toMatchObject({ new: { state: "SOLD" }, old: { state: "NEW" } });
		const gone = await readRequests(engine, { pipeline: "parts", consumer: "gone" });
		expect(gone.map(({ body }) => JSON.parse(body).type).sort()).toEqual([
			"tributary.item.expire.v1",
			"tributary.item.remove.v1",
		]);
		const invocations = await readRequests(engine, { function: "count-parts" });
		const counted = invocations.flatMap(({ body }) => (JSON.parse(body).Records as StreamRecord[]).map(named));
		expect(counted).toEqual(expect.arrayContaining(["REMOVE 2", ...WIDE_STORY.slice(0, 2)]));
		expect(counted).toHaveLength(3);
	});
});
