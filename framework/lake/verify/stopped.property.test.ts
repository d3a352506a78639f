import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Item, StreamRecord } from "../../contract/dynamodb.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { type LakeOnS3, startLake } from "../../testing/lake-on-s3.ts";
import type { Bookmark } from "../bookmark.ts";
import { ALL_TIME } from "../range.ts";
import type { Left, Read } from "../read.ts";
import { openReading } from "../read-records.ts";
import type { Finding } from "./finding.ts";
import type { VerifyState } from "./read-through.ts";
import { type Verification, verifyLake } from "./verify.ts";
import type { RecordWitness } from "./witness.ts";

let lake: LakeOnS3;

beforeEach(async () => {
	await lake?.close();
	lake = await startLake();
});
afterAll(() => lake.close());

/** Every hour is closed by then. */
const NOW = RECORD_TIME + 100 * 3600;

/** Changes of two items in turn, 40 s apart, each with both images, of one shard. */
function changes(length: number): StreamRecord[] {
	return Array.from({ length }, (_, number) => {
		const item = number % 2 === 0 ? "a" : "b";
		const image = (version: number): Item => ({ orderId: { S: item }, version: { N: String(version) } });
		const record = streamRecord({
			...{ item, number, time: RECORD_TIME + number * 40, eventName: number < 2 ? "INSERT" : "MODIFY" },
			...{ newImage: image(number), oldImage: number < 2 ? null : image(number - 2) },
		});
		record.dynamodb.SequenceNumber = `1${String(number).padStart(20, "0")}`;
		return record;
	});
}

function witness(records: readonly StreamRecord[], wish: Partial<RecordWitness>): RecordWitness {
	const witnessed = records.map(({ eventID, dynamodb }) => ({
		eventID,
		time: dynamodb.ApproximateCreationDateTime ?? 0,
	}));
	return {
		...{ name: "one", identity: "one", from: 0, settledBefore: NOW, concerns: () => true, exact: true },
		async *read() {
			yield witnessed;
		},
		...wish,
	};
}

interface Stop {
	left: Left<VerifyState>;
	bookmark: Bookmark | null;
}

/** Verifies from a stop on, to another one after so many runs, or to the end. */
async function verify(findings: Finding[], witnesses: RecordWitness[], stop: Stop | null, most: number) {
	let next: Stop | null = null;
	const end = new AbortController();
	const read: Read<VerifyState> = async function* (options, keep) {
		const reading = openReading(lake.place, ALL_TIME, { ...options, from: stop?.bookmark ?? null });
		let left = most;
		for await (const run of reading.runs) {
			yield run;
			left -= 1;
			if (left > 0) continue;
			const { state, lines = [] } = keep();
			next = JSON.parse(JSON.stringify({ left: { state, lines: [...lines] }, bookmark: reading.bookmark() }));
			end.abort();
			return;
		}
	};
	const onFinding = (finding: Finding): void => void findings.push(finding);
	const result = await verifyLake(lake.place, ALL_TIME, {
		...{ now: NOW, metrics: null, witnesses, onFinding, read, left: stop?.left ?? null, signal: end.signal },
	});
	return { result, stop: next as Stop | null };
}

async function verifyInParts(wish: (part: number) => RecordWitness[], stops: readonly number[]) {
	const findings: Finding[] = [];
	let stop: Stop | null = null;
	for (const [part, most] of [...stops, Number.POSITIVE_INFINITY].entries()) {
		const came: { result: Verification; stop: Stop | null } = await verify(findings, wish(part), stop, most);
		if (came.stop === null) return { findings, result: came.result, parts: part + 1 };
		expect(came.result.verdict).toBe("interrupted");
		stop = came.stop;
	}
	throw new Error("it never came to its end");
}

test("a verification in parts finds what one finds, though its witnesses forget meanwhile", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 2, max: 60 }),
			fc.array(fc.nat(59), { maxLength: 3 }),
			fc.integer({ min: 1, max: 6 }),
			fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
			fc.nat(20),
			async (length, lost, batch, stops, minutes) => {
				await lake.close();
				lake = await startLake();
				const records = changes(length);
				const kept = records.filter((_, number) => !lost.includes(number));
				for (let start = 0; start < kept.length; start += batch) await lake.store(kept.slice(start, start + batch + 1));
				const ofB = records.filter(({ dynamodb }) => JSON.stringify(dynamodb.Keys).includes('"b"'));
				/** One forgets more and more; another knows one item's changes only, for a while. */
				const heard = (part: number, parts: number) => [
					witness(records, { from: RECORD_TIME + Math.floor((minutes * part) / parts) * 60 }),
					witness(ofB, {
						...{ name: "two", identity: "two", from: RECORD_TIME + 300 },
						concerns: ({ line }) => line.includes('"orderId":{"S":"b"}'),
					}),
				];
				const parted = await verifyInParts((part) => heard(part, stops.length + 1), stops);
				const whole: Finding[] = [];
				const last = heard(parted.parts - 1, stops.length + 1);
				const { result } = await verify(whole, last, null, Number.POSITIVE_INFINITY);
				expect(parted.findings).toEqual(whole);
				expect(parted.result).toEqual(result);
			},
		),
		{ numRuns: 30 },
	);
});

test("a witness that was not heard at first is not asked later, for it would miss what was read since", async () => {
	const records = changes(10);
	for (const record of records) await lake.store([record]);
	const { result, findings } = await verifyInParts((part) => (part === 0 ? [] : [witness(records, {})]), [3]);
	expect(findings).toEqual([]);
	expect(result).toMatchObject({ verdict: "consistent", unwitnessed: 10, witnesses: [] });
});

test("what was too young to be missed at the first start stays too young: its hour was listed then", async () => {
	const records = changes(10);
	for (const record of records.slice(0, 6)) await lake.store([record]);
	const settled = [RECORD_TIME + 180, NOW];
	const { result, findings } = await verifyInParts(
		(part) => [witness(records, { settledBefore: settled[part] ?? 0 })],
		[3],
	);
	expect(findings).toEqual([]);
	expect(result).toMatchObject({ verdict: "consistent", witnesses: [{ missing: 0, pending: 4 }] });
});

test("what came to an hour meanwhile and is left out breaks no chain", async () => {
	const records = changes(8);
	for (const record of records.filter((_, number) => number !== 3)) await lake.store([record]);
	const findings: Finding[] = [];
	const { stop } = await verify(findings, [], null, 4);
	await lake.store(records.slice(3, 4));
	if (!stop) throw new Error("it was not stopped");
	const { result } = await verify(findings, [], stop, Number.POSITIVE_INFINITY);
	expect(findings).toEqual([]);
	expect(result).toMatchObject({ verdict: "consistent", chains: { compared: 3 } });
});
