import { afterAll, expect, test } from "vitest";
import { streamEvent, streamRecord } from "../../testing/factories.ts";
import { createProject, runCli } from "../../testing/run-cli.ts";

const project = createProject({
	"pipelines/orders.yaml": [
		"name: orders",
		"table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_IMAGE }",
		"consumers:",
		"  - { name: crm, kind: http, when: { events: [INSERT] }, with: { url: https://crm.example.com/events } }",
		"  - { name: sheet, kind: s3, with: { prefix: orders } }",
	].join("\n"),
});
afterAll(project.remove);

const records = streamEvent([{ item: "a" }, { item: "b" }, { item: "a", number: 2, eventName: "MODIFY" }]).Records;
const [a1, b1, a2] = records.map(({ eventID }) => eventID) as [string, string, string];
const kinesisID = (index: number): string => String(index + 1).padStart(56, "4");
project.write("dynamodb.json", JSON.stringify({ Records: records }));
project.write(
	"kinesis.json",
	JSON.stringify({
		Records: records.map((record, index) => ({
			eventSource: "aws:kinesis",
			eventID: `shardId-000000000000:${kinesisID(index)}`,
			kinesis: { sequenceNumber: kinesisID(index), data: Buffer.from(JSON.stringify(record)).toString("base64") },
		})),
	}),
);

async function invoke(...argv: string[]) {
	const { code, stdout, stderr } = await runCli(project.root, ["invoke", "orders", ...argv, "--format", "json"]);
	expect(stderr).toBe("");
	expect(code).toBe(0);
	return JSON.parse(stdout);
}

test("a consumer answers for each record, from either source", async () => {
	for (const event of ["dynamodb.json", "kinesis.json"]) {
		const { response, deliveries, puts, objects, deadLetters } = await invoke("crm", "--event", event);
		expect({ response, puts, objects, deadLetters }).toEqual({
			response: { batchItemFailures: [] },
			puts: [],
			objects: [],
			deadLetters: [],
		});
		expect(deliveries).toHaveLength(3);
		expect(deliveries).toEqual(
			expect.arrayContaining([
				{ consumer: "crm", eventID: a1, outcome: "delivered", reason: null },
				{ consumer: "crm", eventID: b1, outcome: "delivered", reason: null },
				{ consumer: "crm", eventID: a2, outcome: "skipped", reason: expect.stringContaining("MODIFY") },
			]),
		);
	}
});

test("planted faults: a retry is the checkpoint of its source, a reject is parked, dead letters can fail", async () => {
	const retried = await invoke("sheet", "--event", "kinesis.json", "--fail", `sheet=${b1}`);
	expect(retried.response).toEqual({ batchItemFailures: [{ itemIdentifier: kinesisID(1) }] });

	const rejected = await invoke("sheet", "--event", "dynamodb.json", "--reject", `sheet=${a1}`);
	expect(rejected.response).toEqual({ batchItemFailures: [] });
	expect(rejected.deadLetters).toEqual([
		{ consumer: "sheet", eventID: a1, reason: expect.any(String), attempts: 1 },
		{ consumer: "sheet", eventID: a2, reason: expect.stringContaining(a1), attempts: 0 },
	]);

	const unparked = ["--reject", `sheet=${a1}`, "--fail", `dead-letters=${a1}`];
	const { response, deadLetters } = await invoke("sheet", "--event", "dynamodb.json", ...unparked);
	expect(deadLetters).toEqual([]);
	expect(response.batchItemFailures).toEqual([{ itemIdentifier: streamRecord().dynamodb.SequenceNumber }]);
});

test("the router shows its puts, the refused one and its repetition", async () => {
	const { puts, deliveries } = await invoke("router", "--event", "dynamodb.json", "--fail", `router=${a1}`, "--bodies");
	expect(deliveries).toEqual([]);
	expect(puts.map(({ eventID, accepted }: { eventID: string; accepted: boolean }) => [eventID, accepted])).toEqual([
		[a1, false],
		[b1, true],
		[a1, true],
		[a2, true],
	]);
	expect(JSON.parse(puts[3].data)).toEqual(records[2]);
	expect(puts[0]).toMatchObject({ call: 0, index: 0, partitionKey: puts[3].partitionKey });
});

test("the lake shows its objects, with their text when asked for", async () => {
	const { objects, response } = await invoke("lake", "--event", "kinesis.json", "--bodies");
	expect(response).toEqual({ batchItemFailures: [] });
	expect(objects).toHaveLength(1);
	expect(objects[0]).toMatchObject({ consumer: "lake", records: 3 });
	// Names are bound to where the event comes from.
	expect(objects[0].bucket).toMatch(/123456789012-eu-west-1$/);
	expect(objects[0].body.trimEnd().split("\n").map(JSON.parse)).toEqual(records);
	const failed = await invoke("lake", "--event", "dynamodb.json", "--fail", `lake=${b1}`);
	expect(failed.response.batchItemFailures).toHaveLength(1);
	expect(failed.objects).toEqual([]);
});

test.each([
	[["crm", "--event", "dynamodb.json", "--fail", `cmr=${a1}`], "crm"],
	[["crm", "--event", "dynamodb.json", "--fail", "crm"], "name=eventID"],
	[["crm"], "--event"],
	[["crm", "--event", "dynamodb.json", "--now", "noon"], "ISO"],
	[["crm", "--event", "dynamodb.json", "--seed", "x"], "--seed"],
])("%j could not run: exit 2 and the way out", async (argv, words) => {
	const { code, stdout, stderr } = await runCli(project.root, ["invoke", "orders", ...argv]);
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toContain(words);
});
