import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { AnyDeliverer, Outcome } from "../contract/deliver.ts";
import type { ReplayEvent, ReplayResponse } from "../contract/replay.ts";
import { streamEvent, streamRecord } from "../testing/factories.ts";
import { consumerOf, manifestOf, runHandler } from "../testing/run-handler.ts";
import { type Arrival, decodeEvent } from "./arrival.ts";

const root = fileURLToPath(new URL("../../tests/events", import.meta.url));
const one = manifestOf({ consumers: [consumerOf("crm")] });
const DELIVERED: Outcome = { status: "delivered" };

/** A member of a Kinesis event with this data. */
const kinesis = (data: string | Buffer, wish: object = {}): object => ({
	eventSource: "aws:kinesis",
	eventID: "shardId-000000000000:49590338271490256608559692538361571095921575989136588898",
	kinesis: {
		kinesisSchemaVersion: "1.0",
		partitionKey: "a",
		sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
		data: Buffer.from(data).toString("base64"),
		approximateArrivalTimestamp: 1545084650.987,
	},
	...wish,
});

/** As DynamoDB's own Kinesis destination writes it: no sequence number, no stream, both images, a finer time. */
const native = {
	awsRegion: "us-east-1",
	eventID: "f29db58f-5a8a-4fc2-8f17-f8e0fd4c7eb3",
	eventName: "MODIFY",
	userIdentity: null,
	recordFormat: "application/json",
	tableName: "orders",
	dynamodb: {
		ApproximateCreationDateTime: 1_636_126_767_123_456,
		ApproximateCreationDateTimePrecision: "MICROSECOND",
		Keys: { orderId: { S: "a" } },
		NewImage: { orderId: { S: "a" }, total: { N: "1.10" } },
		OldImage: { orderId: { S: "a" } },
		SizeBytes: 119,
	},
	eventSource: "aws:dynamodb",
};

const decode = (...members: unknown[]): Arrival[] => decodeEvent({ Records: members });

/** Everything the lake would keep of an event. */
async function linesOf(event: object): Promise<string[]> {
	const bodies: Buffer[] = [];
	const lake = manifestOf({ role: "lake", lake: { bucket: "lake", compression: "gzip" } });
	const run = runHandler(lake, { aws: ({ input }) => bodies.push((input as { Body: Buffer }).Body) });
	expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
	return bodies.flatMap((body) => gunzipSync(body).toString().trimEnd().split("\n"));
}

/** Of this repository, and of a folder of samples from elsewhere; see tests/events/SOURCES.md. */
const samples = [root, ...(process.env.EVENT_SAMPLES ? [process.env.EVENT_SAMPLES] : [])].flatMap((folder) =>
	readdirSync(folder).flatMap((name) => (name.endsWith(".json") ? [join(folder, name)] : [])),
);

test.each(samples)("%s is decoded and accounted for by every role", async (path) => {
	const event = JSON.parse(readFileSync(path, "utf8"));
	const { length } = event.Records;
	expect(decodeEvent(event)).toHaveLength(length);
	expect(await linesOf(event)).toHaveLength(length);
	const run = runHandler(one);
	expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
	expect(run.deliveries).toHaveLength(length);
	const isSound = /dynamo[^/]*$/i.test(path) && !/malformed/.test(path);
	const other = run.deliveries.filter(({ outcome }) => outcome !== "delivered");
	if (isSound) expect(other).toEqual([]);
});

test("a record of DynamoDB's Kinesis destination is one like any other, ordered by its finer time", async () => {
	const [micro, milli] = decode(
		kinesis(JSON.stringify(native)),
		kinesis(
			JSON.stringify({ ...native, dynamodb: { ...native.dynamodb, ApproximateCreationDateTime: 1_636_126_767_124 } }),
		),
	);
	expect([micro?.time, milli?.time]).toEqual([1_636_126_767, 1_636_126_767]);
	const events: string[] = [];
	const fake: AnyDeliverer = {
		limits: () => ({ maxRecords: 9 }),
		async deliver(changes) {
			events.push(...changes.map((change) => change.eventJson("literal")));
			return changes.map(() => DELIVERED);
		},
	};
	await runHandler(one, { deliverers: { fake } }).invoke({ Records: [kinesis(JSON.stringify(native))] });
	expect(JSON.parse(events[0] ?? "")).toMatchObject({
		id: native.eventID,
		type: "tributary.item.modify.v1",
		time: "2021-11-05T15:39:27Z",
		sequence: "/0000000000000000000000001636126767123456",
		data: { keys: { orderId: "a" }, new: { orderId: "a", total: 1.1 } },
	});
	expect(await linesOf({ Records: [kinesis(JSON.stringify(native))] })).toEqual([JSON.stringify(native)]);
});

test("a stranger's JSON keeps every digit and stays one line; it is parked, not delivered", async () => {
	const text = '{\n  "id": 12345678901234567890.50,\r\n  "a": "\\u2028"\n}';
	const line = '{   "id": 12345678901234567890.50,   "a": "\\u2028" }';
	expect(await linesOf({ Records: [kinesis(text)] })).toEqual([line]);
	const run = runHandler(one);
	expect(await run.invoke({ Records: [kinesis(text)] })).toEqual({ batchItemFailures: [] });
	expect(run.letters).toMatchObject([
		{ reason: "The record is malformed: it has no eventID.", record: { a: "\u2028" } },
	]);
});

test.each([
	["bytes", Buffer.from([0xff, 0x00, 0x41]), "its data is not UTF-8"],
	["a JSON string that is no UTF-8", Buffer.from('{"a":"\xff"}', "latin1"), "its data is not UTF-8"],
	["plain words", "Hello, this is a test.", "its data is not JSON"],
	["nothing", "", "its data is not JSON"],
	[
		"an aggregate",
		Buffer.from("f3899ac20a01611a0108", "hex"),
		"its data is an aggregate of the Kinesis Producer Library",
	],
])("%s in a stream: parked byte for byte", async (_what, data, problem) => {
	const run = runHandler(one);
	expect(await run.invoke({ Records: [kinesis(data), streamRecord({ item: "b" })] })).toEqual({
		batchItemFailures: [],
	});
	expect(run.letters).toMatchObject([
		{
			eventID: "shardId-000000000000:49590338271490256608559692538361571095921575989136588898",
			record: { base64: Buffer.from(data).toString("base64") },
			reason: expect.stringContaining(problem),
		},
	]);
	expect(run.deliveries.map(({ outcome }) => outcome).sort()).toEqual(["delivered", "reject"]);
});

test("no depth stops a batch: neither in a stranger's record nor in an image, whatever a condition asks of it", async () => {
	const deep = (text: string, depth = 200_000): string => `${text.repeat(depth)}1${"]}".repeat(depth)}`;
	const stranger = kinesis(`${"[".repeat(200_000)}${"]".repeat(200_000)}`);
	let image: unknown = { S: "x" };
	for (let depth = 0; depth < 50_000; depth++) image = { L: [image] };
	const keys = { orderId: { S: "a" } };
	const deepRecord = streamRecord({ item: "a" });
	const record = {
		...deepRecord,
		dynamodb: { ...deepRecord.dynamodb, NewImage: { ...keys, a: image }, OldImage: { ...keys, a: image } },
	};
	const whole = { nonsense: JSON.parse(deep('{"a":[', 50_000)) };
	const events = ["INSERT", "MODIFY", "REMOVE", "EXPIRE"] as const;
	for (const condition of [null, { events: [...events], tests: [], changed: [["a"]], any: [] }]) {
		const run = runHandler(manifestOf({ consumers: [consumerOf("crm", { condition })] }));
		const event = { Records: [stranger, record, whole, streamRecord({ item: "b", number: 2 })] };
		expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
		expect(run.letters).toHaveLength(3);
	}
	const lines = await linesOf({ Records: [stranger, record, whole] });
	expect(lines.map((line) => line.length > 100_000)).toEqual([true, true, true]);
	expect(lines[2]?.startsWith('{"nonsense":{"a":[{"a":[')).toBe(true);
});

const replayOf = (wish: Partial<ReplayEvent>): ReplayEvent => ({
	source: "tributary.replay",
	replayId: "r1",
	consumer: "crm",
	records: streamEvent([{ item: "a", number: 1 }, { item: "b" }, { item: "a", number: 2 }]).Records,
	...wish,
});
const [a1, b1, a2] = replayOf({}).records.map((record) => (record as { eventID: string }).eventID) as [
	string,
	string,
	string,
];

test("a replay reaches its consumer alone, in order per item, and answers for each record", async () => {
	const manifest = manifestOf({ consumers: [consumerOf("crm"), consumerOf("bi")] });
	const run = runHandler(manifest, {
		answer: (_consumer, eventID) => (eventID === a1 ? { status: "retry", reason: "busy" } : DELIVERED),
	});
	const { outcomes, batchItemFailures } = (await run.invoke(replayOf({}))) as ReplayResponse;
	expect(batchItemFailures).toEqual([{ itemIdentifier: a1 }, { itemIdentifier: a2 }]);
	expect(outcomes).toEqual([
		{ eventID: a1, outcome: "retry", reason: "busy" },
		{ eventID: b1, outcome: "delivered", reason: null },
		{ eventID: a2, outcome: "held", reason: "An earlier record of its item is not done." },
	]);
	expect(new Set(run.deliveries.map(({ consumer }) => consumer))).toEqual(new Set(["crm"]));
});

test("deduplication lets a replay through, once; another replay too", async () => {
	const run = runHandler(manifestOf({ consumers: [consumerOf("crm", { deduplicationHours: 1 })] }));
	const outcomes = () => run.deliveries.map(({ outcome }) => outcome);
	const live = { Records: replayOf({}).records };
	await run.invoke(live);
	await run.invoke(replayOf({}));
	expect(outcomes()).toEqual(["delivered", "delivered", "delivered"]);
	await run.invoke(replayOf({}));
	expect(outcomes()).toEqual(["deduplicated", "deduplicated", "deduplicated"]);
	await run.invoke(replayOf({ replayId: "r2" }));
	expect(outcomes()).toEqual(["delivered", "delivered", "delivered"]);
	await run.invoke(live);
	expect(outcomes()).toEqual(["deduplicated", "deduplicated", "deduplicated"]);
});

test("neither a replay's quarantine nor its failures concern the stream, nor the stream's the replay", async () => {
	const refused = new Set([b1]);
	const run = runHandler(one, {
		answer: (_consumer, eventID) => (refused.has(eventID) ? { status: "reject", reason: "bad" } : DELIVERED),
	});
	await run.invoke({ Records: [streamRecord({ item: "b" })] });
	expect(run.letters).toMatchObject([{ eventID: b1, replayId: null }]);
	refused.clear();
	expect((await run.invoke(replayOf({}))).batchItemFailures).toEqual([]);
	expect(run.deliveries.map(({ outcome }) => outcome)).toEqual(["delivered", "delivered", "delivered"]);
	refused.add(a1);
	await run.invoke(replayOf({}));
	expect(run.letters.slice(1)).toMatchObject([
		{ eventID: a1, replayId: "r1" },
		{ eventID: a2, replayId: "r1", reason: `It is behind ${a1}, which was parked: bad` },
	]);
	await run.invoke(
		streamEvent([
			{ item: "a", number: 3 },
			{ item: "b", number: 2 },
		]),
	);
	const { eventID } = streamRecord({ item: "a", number: 3 });
	expect(run.deliveries.filter(({ outcome }) => outcome === "delivered")).toMatchObject([{ eventID }]);
	expect(run.deliveries).toHaveLength(2);
});

test("a replay marks its envelopes, and gives new ids when asked, the same each time", async () => {
	const seen: { id: string; replayid?: string }[] = [];
	const fake: AnyDeliverer = {
		limits: () => ({ maxRecords: 9 }),
		async deliver(changes) {
			seen.push(...changes.map((change) => JSON.parse(change.eventJson("literal"))));
			return changes.map(() => DELIVERED);
		},
	};
	const run = runHandler(one, { deliverers: { fake } });
	await run.invoke(replayOf({}));
	await run.invoke(replayOf({ newIds: true }));
	await run.invoke(replayOf({ newIds: true }));
	const ids = seen.map(({ id }) => id);
	expect(ids.slice(0, 3)).toEqual([a1, b1, a2]);
	expect(ids.slice(3, 6)).toEqual(ids.slice(6));
	expect(new Set([...ids.slice(0, 6), ...ids.slice(3, 6)]).size).toBe(6);
	expect(new Set(seen.map(({ replayid }) => replayid))).toEqual(new Set(["r1"]));
	await run.invoke({ Records: [streamRecord({ item: "c" })] });
	expect(seen.at(-1)).not.toHaveProperty("replayid");
});

test.each<[string, object, string]>([
	["another consumer", { consumer: "bi" }, "does not deliver to"],
	["no id", { replayId: "" }, "replayId"],
	["an id that is a path", { replayId: "../x" }, "replayId"],
	["no records", { records: 5 }, "records"],
	["an odd newIds", { newIds: "yes" }, "newIds"],
])("a replay with %s is refused in words", async (_what, wish, words) => {
	await expect(runHandler(one).invoke(replayOf(wish))).rejects.toThrow(words);
});

test("neither the lake nor a forwarding router takes a replay", async () => {
	for (const manifest of [
		manifestOf({ role: "lake", lake: { bucket: "lake", compression: "gzip" } }),
		manifestOf({ forward: { stream: "s", maxRecordBytes: 1_048_576 } }),
	])
		await expect(runHandler(manifest).invoke(replayOf({}))).rejects.toThrow("does not deliver to");
});
