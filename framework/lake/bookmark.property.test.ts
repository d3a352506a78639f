import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { StreamRecord } from "../contract/dynamodb.ts";
import { RECORD_TIME, STREAM_ARN, streamRecord } from "../testing/factories.ts";
import { type LakeOnS3, startLake } from "../testing/lake-on-s3.ts";
import type { Bookmark } from "./bookmark.ts";
import { ALL_TIME, type TimeRange } from "./range.ts";
import { openReading, type ReadOptions } from "./read-records.ts";

let lake: LakeOnS3;

beforeEach(async () => {
	await lake?.close();
	lake = await startLake();
});
afterAll(() => lake.close());

/** What a reading said and gave, as texts in their order. */
interface Told {
	runs: string[][];
	hours: string[];
	objects: string[];
	late: string[];
}

const nothing = (): Told => ({ runs: [], hours: [], objects: [], late: [] });

/** Reads on from a bookmark and stops after so many runs. Answers where it stopped; null at the end. */
async function read(told: Told, from: Bookmark | null, most: number, range = ALL_TIME): Promise<Bookmark | null> {
	const options: ReadOptions = {
		from,
		onHour: ({ partition }) => told.hours.push(partition),
		onObject: (_, { key }) => told.objects.push(key),
		onLate: ({ objects }) => told.late.push(...objects.map(({ key }) => key)),
	};
	const { runs, bookmark } = openReading(lake.place, range, options);
	let left = most;
	for await (const run of runs) {
		told.runs.push(run.map(({ eventID }) => eventID));
		left -= 1;
		if (left > 0) continue;
		return JSON.parse(JSON.stringify(bookmark()));
	}
	return null;
}

/** Keys that are fetched while something is done. */
async function fetchedBy(work: () => Promise<unknown>): Promise<Set<string>> {
	const keys = new Set<string>();
	const { s3 } = lake.place;
	const send = s3.send.bind(s3) as (command: unknown) => Promise<never>;
	s3.send = ((command: unknown) => {
		if (command instanceof GetObjectCommand) keys.add(command.input.Key ?? "");
		return send(command);
	}) as S3Client["send"];
	await work();
	s3.send = send as S3Client["send"];
	return keys;
}

function numbered(number: number, time: number, label: string): StreamRecord {
	const record = streamRecord({ item: `item-${number % 5}`, number, time });
	record.dynamodb.SequenceNumber = `1${String(number).padStart(20, "0")}`;
	record.eventSourceARN = STREAM_ARN.replace(/[^/]+$/, label);
	return record;
}

/** Batches of a table's stream, some of them repeated and cut anew, whose clock jumps; and perhaps a second stream after it. */
const lakes = fc.record({
	records: fc.array(fc.integer({ min: -1800, max: 3000 }), { minLength: 1, maxLength: 60 }),
	secondFrom: fc.integer({ min: 0, max: 90 }),
	batch: fc.integer({ min: 1, max: 9 }),
	repeats: fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 25 })), { maxLength: 6 }),
});
type RandomLake = typeof lakes extends fc.Arbitrary<infer Value> ? Value : never;

async function make({ records: steps, secondFrom, batch, repeats }: RandomLake): Promise<void> {
	await lake.close();
	lake = await startLake();
	let time = RECORD_TIME;
	const records = steps.map((step, number) => {
		time += step;
		// A table made anew has a stream with numbers of its own.
		return number < secondFrom
			? numbered(number, time, "2026-01-01")
			: numbered(number - secondFrom, time, "2026-06-01");
	});
	const isOneStream = (part: readonly StreamRecord[]): boolean =>
		new Set(part.map(({ eventSourceARN }) => eventSourceARN)).size === 1;
	const parts = [
		...steps.flatMap((_, start) => (start % batch === 0 ? [records.slice(start, start + batch)] : [])),
		...repeats.map(([start, length]) => records.slice(start, start + length)),
	];
	for (const part of parts) if (isOneStream(part)) await lake.store(part);
}

test("runs before a stop and those after it are the runs of one reading; what is told is told once; what is done is not fetched again", async () => {
	await fc.assert(
		fc.asyncProperty(lakes, fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }), async (wish, stops) => {
			await make(wish);
			const range: TimeRange = { from: RECORD_TIME - 3600, to: Number.POSITIVE_INFINITY };
			const [whole, parts] = [nothing(), nothing()];
			await read(whole, null, Number.POSITIVE_INFINITY, range);
			let mark: Bookmark | null = null;
			for (const most of [...stops, Number.POSITIVE_INFINITY]) {
				const from = mark;
				const fetched = await fetchedBy(async () => {
					mark = await read(parts, from, most, range);
				});
				const done = (from as Bookmark | null)?.hours.flatMap(({ partition, done }) =>
					done.map((name) => `pipeline=orders/${partition}/${name}`),
				);
				expect((done ?? []).filter((key) => fetched.has(key))).toEqual([]);
				const first = (from as Bookmark | null)?.hours[0]?.partition ?? "";
				expect([...fetched].filter((key) => key < `pipeline=orders/${first}`)).toEqual([]);
				if (mark === null) break;
			}
			expect(parts).toEqual(whole);
		}),
		{ numRuns: 40 },
	);
});

test("which stream a waiting object is of is kept, where it is not the latest", async () => {
	const records = [
		...[100, 200].map((number) => numbered(number, RECORD_TIME, "2026-01-01")),
		...[10, 20].map((number) => numbered(number, RECORD_TIME, "2026-06-01")),
	];
	for (const record of records) await lake.store([record]);
	const told = nothing();
	const mark = await read(told, null, 1);
	await read(told, mark, Number.POSITIVE_INFINITY);
	expect(told.runs.flat()).toEqual(records.map(({ eventID }) => eventID));
});

test("of objects that came to hours already listed, what lies beyond the furthest place is given, and all of them are told", async () => {
	const at = (number: number) => numbered(number, RECORD_TIME + number, "2026-01-01");
	const batch = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => at(from + index));
	await lake.store(batch(0, 4));
	await lake.store(batch(6, 8));
	await lake.store([numbered(20, RECORD_TIME + 3600, "2026-01-01")]);
	const told = nothing();
	const mark = await read(told, null, 1);
	expect(told.runs).toEqual([batch(0, 4).map(({ eventID }) => eventID)]);
	await lake.store(batch(2, 6));
	await lake.store([numbered(19, RECORD_TIME + 3000, "2026-01-01")]);
	expect(await read(told, mark, Number.POSITIVE_INFINITY)).toBeNull();
	const given = [...batch(0, 8), numbered(19, 0, ""), numbered(20, 0, "")].map(({ eventID }) => eventID);
	expect(told.runs.flat()).toEqual(given);
	expect(told.late).toHaveLength(2);
	expect(told.hours).toHaveLength(2);
});

test("an object that goes away between a stop and the reading on is told, not passed over", async () => {
	await lake.store([numbered(1, RECORD_TIME, "2026-01-01")]);
	await lake.store([numbered(2, RECORD_TIME, "2026-01-01")]);
	const mark = await read(nothing(), null, 1);
	const name = mark?.hours[0]?.waiting[0];
	const { rmSync } = await import("node:fs");
	rmSync(`${lake.folder}/pipeline=orders/${mark?.hours[0]?.partition}/${name}`);
	await expect(read(nothing(), mark, Number.POSITIVE_INFINITY)).rejects.toMatchObject({
		code: "object-gone",
		message: expect.stringContaining("went away since the reading stopped"),
	});
});
