import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { LakeCompression } from "../contract/manifest.ts";
import { RECORD_TIME, streamEvent, streamRecord } from "../testing/factories.ts";
import { manifestOf, runHandler } from "../testing/run-handler.ts";

interface Stored {
	Bucket: string;
	Key: string;
	Body: Buffer;
	Metadata: Record<string, string>;
}

async function store(event: unknown, compression: LakeCompression = "gzip", failing = (_key: string) => false) {
	const objects: Stored[] = [];
	const run = runHandler(manifestOf({ function: "lake", role: "lake", lake: { bucket: "lake", compression } }), {
		aws(command) {
			const input = command.input as Stored;
			if (failing(input.Key)) throw new Error("SlowDown");
			return objects.push(input);
		},
	});
	return { answer: await run.invoke(event), objects };
}

test("one object an hour of the records' own time, named by its content", async () => {
	const event = streamEvent([{ number: 1 }, { number: 2, time: RECORD_TIME + 3600 }, { number: 3 }]);
	const { answer, objects } = await store(event);
	expect(answer).toEqual({ batchItemFailures: [] });
	const first = streamRecord({ number: 1 }).dynamodb.SequenceNumber?.padStart(40, "0");
	expect(objects.map(({ Key }) => Key)).toEqual([
		expect.stringMatching(new RegExp(`^pipeline=orders/dt=2026-11-24/hour=09/${first}-2-[0-9a-f]{16}\\.ndjson\\.gz$`)),
		expect.stringMatching(/^pipeline=orders\/dt=2026-11-24\/hour=10\/\d{40}-1-[0-9a-f]{16}\.ndjson\.gz$/),
	]);
	expect(objects[0]).toMatchObject({ Bucket: "lake", Metadata: { consumer: "lake", records: "2" } });
	const lines = gunzipSync(objects[0]?.Body ?? Buffer.alloc(0))
		.toString()
		.trimEnd()
		.split("\n");
	expect(lines.map((line) => JSON.parse(line))).toEqual([event.Records[0], event.Records[2]]);
	expect((await store(event)).objects.map(({ Key }) => Key)).toEqual(objects.map(({ Key }) => Key));
});

test("zstd has its own suffix", async () => {
	const { objects } = await store(streamEvent([{}]), "zstd");
	expect(objects[0]?.Key).toMatch(/\.ndjson\.zst$/);
	expect(zstdDecompressSync(objects[0]?.Body ?? Buffer.alloc(0)).toString()).toBe(
		`${JSON.stringify(streamRecord())}\n`,
	);
});

test("all or nothing: one hour that cannot be stored brings the whole batch back", async () => {
	const event = streamEvent([{ number: 1 }, { number: 2, time: RECORD_TIME + 3600 }]);
	const { answer } = await store(event, "gzip", (key) => key.includes("hour=10"));
	expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: event.Records[0]?.dynamodb.SequenceNumber }] });
});

test("what is malformed is stored as it is, a line each", async () => {
	const kinesis = { eventSource: "aws:kinesis", kinesis: { data: "bm90IEpTT04=", sequenceNumber: "1" } };
	const { answer, objects } = await store({ Records: [{ nonsense: "a\nb" }, null, kinesis] });
	expect(answer).toEqual({ batchItemFailures: [] });
	const lines = gunzipSync(objects[0]?.Body ?? Buffer.alloc(0))
		.toString()
		.trimEnd()
		.split("\n");
	expect(lines.map((line) => JSON.parse(line))).toEqual([{ nonsense: "a\nb" }, null, kinesis]);
});

test("behind the router, on Kinesis, a record lies where and as it would from the table", async () => {
	const event = streamEvent([{ number: 1 }, { number: 2, time: RECORD_TIME + 3600 }]);
	const forwarded = event.Records.map((record, index) => ({
		eventSource: "aws:kinesis",
		kinesis: {
			data: Buffer.from(JSON.stringify(record)).toString("base64"),
			sequenceNumber: `4957${index}`,
			// Kinesis has them a day later: that is not their time.
			approximateArrivalTimestamp: RECORD_TIME + 86_400,
		},
	}));
	const direct = await store(event);
	const behind = await store({ Records: forwarded });
	expect(behind.objects.map(({ Key }) => Key)).toEqual(direct.objects.map(({ Key }) => Key));
	expect(behind.objects.map(({ Body }) => gunzipSync(Body).toString())).toEqual(
		direct.objects.map(({ Body }) => gunzipSync(Body).toString()),
	);
});
