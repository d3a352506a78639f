import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { StreamRecord } from "../contract/dynamodb.ts";
import { RECORD_TIME, STREAM_ARN, streamRecord } from "../testing/factories.ts";
import { type LakeOnS3, startLake } from "../testing/lake-on-s3.ts";
import type { LakeError } from "./lake-error.ts";
import { ALL_TIME, type TimeRange } from "./range.ts";
import { type ReadOptions, readRuns } from "./read-records.ts";

let lake: LakeOnS3;

beforeEach(async () => {
	await lake?.close();
	lake = await startLake();
});
afterAll(() => lake.close());

/** A record of one shard: its place in the stream is its number, whatever its item. */
function numbered(number: number, wish: { item?: string; time?: number; label?: string } = {}): StreamRecord {
	const record = streamRecord({ item: wish.item ?? "a", number, time: wish.time ?? RECORD_TIME });
	record.dynamodb.SequenceNumber = `1${String(number).padStart(20, "0")}`;
	if (wish.label !== undefined) record.eventSourceARN = STREAM_ARN.replace(/[^/]+$/, wish.label);
	return record;
}

async function read(range: TimeRange = ALL_TIME, options: ReadOptions = {}): Promise<string[]> {
	const ids: string[] = [];
	for await (const run of readRuns(lake.place, range, options)) ids.push(...run.map(({ eventID }) => eventID));
	return ids;
}

const idsOf = (records: readonly StreamRecord[]): string[] => records.map(({ eventID }) => eventID);

test("overlapping objects give each record once, in the order of the stream", async () => {
	const records = Array.from({ length: 10 }, (_, number) => numbered(number));
	await lake.store(records.slice(4));
	await lake.store(records.slice(0, 7));
	await lake.store(records.slice(2, 5), "zstd");
	expect(await read()).toEqual(idsOf(records));
});

test("the range is of the records' own time, its end excluded", async () => {
	const records = [0, 1800, 3600, 7200].map((seconds, number) => numbered(number, { time: RECORD_TIME + seconds }));
	await lake.store(records);
	expect(await read({ from: RECORD_TIME + 1800, to: RECORD_TIME + 7200 })).toEqual(idsOf(records.slice(1, 3)));
});

test("an item's order holds across the end of an hour against the clocks", async () => {
	const end = Math.ceil(RECORD_TIME / 3600) * 3600;
	const records = [numbered(1, { time: end - 2 }), numbered(2, { time: end + 1 }), numbered(3, { time: end - 1 })];
	for (const record of records) await lake.store([record]);
	expect(await read()).toEqual(idsOf(records));
});

test("a stream made anew comes after the one before it, whatever its numbers", async () => {
	const old = [
		numbered(900, { label: "2026-01-01T00:00:00.000" }),
		numbered(950, { label: "2026-01-01T00:00:00.000" }),
	];
	const anew = [
		numbered(100, { label: "2026-06-01T00:00:00.000" }),
		numbered(920, { label: "2026-06-01T00:00:00.000" }),
	];
	for (const record of [...anew, ...old]) await lake.store([record]);
	expect(await read()).toEqual(idsOf([...old, ...anew]));
});

test("batches cut anew at random: every record once, each shard's in their order", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 1, max: 60 }),
			fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 30 })), { maxLength: 8 }),
			async (count, repeats) => {
				await lake.close();
				lake = await startLake();
				const records = Array.from({ length: count }, (_, number) =>
					numbered(number, { item: `item-${number % 3}`, time: RECORD_TIME + number * 300 }),
				);
				for (let start = 0; start < count; start += 7) await lake.store(records.slice(start, start + 7));
				for (const [start, length] of repeats)
					if (start < count) await lake.store(records.slice(start, start + length));
				expect(await read()).toEqual(idsOf(records));
			},
		),
		{ numRuns: 15 },
	);
});

test("a broken object ends the reading, or is told and passed over", async () => {
	await lake.store([numbered(1)]);
	const { s3, bucket } = lake.place;
	const Key = `pipeline=orders/dt=2026-11-24/hour=09/${"2".padStart(40, "0")}-1-0123456789abcdef.ndjson.gz`;
	await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: gzipSync('{"eventID":') }));
	await expect(read()).rejects.toMatchObject({ code: "object-broken", key: Key });
	const broken: LakeError[] = [];
	expect(await read(ALL_TIME, { onBroken: (error) => broken.push(error) })).toHaveLength(1);
	expect(broken.map(({ key }) => key)).toEqual([Key]);
});
