import { gzipSync } from "node:zlib";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Item, StreamRecord } from "../../contract/dynamodb.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { type LakeOnS3, startLake } from "../../testing/lake-on-s3.ts";
import { ALL_TIME } from "../range.ts";
import { createChains } from "./check-chains.ts";
import type { Finding } from "./finding.ts";
import { verifyLake } from "./verify.ts";
import type { Witnessed } from "./witness.ts";

let lake: LakeOnS3;

beforeEach(async () => {
	await lake?.close();
	lake = await startLake();
});
afterAll(() => lake.close());

/** Changes of one item, each with both images, of one shard. */
function chain(length: number, item = "a"): StreamRecord[] {
	const image = (version: number): Item => ({ orderId: { S: item }, version: { N: String(version) } });
	return Array.from({ length }, (_, number) => {
		const images = { newImage: image(number), oldImage: number === 0 ? null : image(number - 1) };
		return streamRecord({ item, number, eventName: number === 0 ? "INSERT" : "MODIFY", ...images });
	});
}

/** `from`: where the witness begins to speak, beside the end of what it can have missed. */
async function verify(witness: Witnessed[] | null = null, from = 0, exact = true) {
	const findings: Finding[] = [];
	const asked = witness && {
		name: "witness",
		identity: "witness",
		from,
		settledBefore: RECORD_TIME + 100,
		concerns: () => true,
		exact,
		read: () => pages(witness),
	};
	const options = { now: RECORD_TIME, metrics: null, onFinding: (finding: Finding) => findings.push(finding) };
	const result = await verifyLake(lake.place, ALL_TIME, { ...options, witnesses: asked ? [asked] : [] });
	return { result, findings, codes: findings.map(({ code }) => code) };
}

const witnessOf = (records: readonly StreamRecord[]): Witnessed[] =>
	records.map(({ eventID, dynamodb }) => ({ eventID, time: dynamodb.ApproximateCreationDateTime ?? 0 }));

async function* pages(records: Witnessed[]) {
	yield records;
}

async function onlyKey(): Promise<string> {
	const { Contents } = await lake.place.s3.send(new ListObjectsV2Command({ Bucket: lake.place.bucket }));
	return Contents?.[0]?.Key ?? "";
}

const put = (Key: string, Body: Buffer) =>
	lake.place.s3.send(new PutObjectCommand({ Bucket: lake.place.bucket, Key, Body }));
const text = (records: readonly StreamRecord[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

test("a lake that agrees with itself is consistent, and complete only on a witness's word", async () => {
	const records = chain(10);
	await lake.store(records.slice(0, 6));
	await lake.store(records.slice(4));
	const alone = await verify();
	expect(alone.codes).toEqual([]);
	expect(alone.result).toMatchObject({ verdict: "consistent", records: 10, repeats: 2, openHours: 1, witnesses: [] });
	expect(alone.result.chains.compared).toBe(9);
	const told = await verify(witnessOf(records));
	expect(told.result.verdict).toBe("complete");
});

test("a record that only the witness has is missing; a young one is pending", async () => {
	await lake.store(chain(2));
	const known = (eventID: string, time: number): Witnessed => ({ eventID, time });
	const lost = [known("lost", RECORD_TIME), known("young", RECORD_TIME + 200)];
	const { result, codes } = await verify([...witnessOf(chain(2)), ...lost]);
	expect(codes).toEqual(["missing"]);
	expect(result).toMatchObject({
		verdict: "inconsistent",
		witnesses: [{ records: 4, missing: 1, unknown: 0, pending: 1 }],
	});
});

test("a witness that may not have told all: what only the lake has is no fault, and nothing to vouch for", async () => {
	await lake.store(chain(3));
	const { result, codes } = await verify(witnessOf(chain(2)), 0, false);
	expect(codes).toEqual([]);
	expect(result).toMatchObject({ verdict: "consistent", witnesses: [{ missing: 0, unknown: 1 }] });
});

test("what a witness has forgotten it does not speak of", async () => {
	await lake.store(chain(1));
	await lake.store([streamRecord({ item: "b", number: 1, time: RECORD_TIME - 90 })]);
	const { result, codes } = await verify(witnessOf(chain(1)), RECORD_TIME - 60);
	expect(codes).toEqual([]);
	expect(result).toMatchObject({ verdict: "consistent", unwitnessed: 1, witnesses: [{ records: 1, missing: 0 }] });
});

test("whatever the lake lost or a witness does not know is found, and nothing else", async () => {
	const fates = ["both", "both", "lost", "planted"] as const;
	await fc.assert(
		fc.asyncProperty(fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 40 }), async (drawn) => {
			await lake.close();
			lake = await startLake();
			const records = drawn.map((_, index) =>
				streamRecord({ item: `i${index}`, time: RECORD_TIME - 20 * index, newImage: { orderId: { S: `i${index}` } } }),
			);
			const with_ = (...wanted: string[]) => records.filter((_, index) => wanted.includes(drawn[index] ?? ""));
			const stored = with_("both", "planted");
			if (stored.length > 0) await lake.store(stored);
			const { findings } = await verify(witnessOf(with_("both", "lost")));
			const told = (code: string) => findings.filter((each) => each.code === code).map(({ detail }) => detail);
			const ids = (fate: string) => with_(fate).map(({ eventID }) => expect.stringContaining(eventID));
			expect(told("missing")).toHaveLength(with_("lost").length);
			expect(told("missing")).toEqual(expect.arrayContaining(ids("lost")));
			expect(told("unknown")).toEqual(expect.arrayContaining(ids("planted")));
			expect(findings).toHaveLength(with_("lost", "planted").length);
		}),
		{ numRuns: 30 },
	);
});

test("whoever is interrupted says nothing of what was not read", async () => {
	await lake.store(chain(1));
	await lake.store(chain(1, "b"));
	const options = {
		now: RECORD_TIME,
		metrics: null,
		onFinding: () => expect.unreachable(),
		signal: AbortSignal.abort(),
	};
	const witness = {
		name: "witness",
		identity: "witness",
		from: 0,
		settledBefore: RECORD_TIME + 100,
		concerns: () => true,
		exact: true,
		read: () => pages(witnessOf([...chain(1), ...chain(1, "b")])),
	};
	const { verdict } = await verifyLake(lake.place, ALL_TIME, { ...options, witnesses: [witness] });
	expect(verdict).toBe("interrupted");
});

test("a record lost from the middle of an item breaks its chain, wherever it is", async () => {
	await fc.assert(
		fc.property(fc.integer({ min: 3, max: 20 }), fc.nat(), (length, place) => {
			const records = chain(length);
			const lost = 1 + (place % (length - 2));
			const chains = createChains();
			const found = records
				.filter((_, index) => index !== lost)
				.flatMap((record, index) => {
					const parsed = { json: record, eventID: record.eventID, key: "k", lineNumber: index + 1 };
					return chains.check({ ...parsed, line: "", label: "", sequence: "", time: 0 }) ?? [];
				});
			expect(found).toHaveLength(1);
			expect(found[0]?.code).toBe("chain");
		}),
	);
});

test.each([
	["cut off", () => gzipSync(text(chain(3))).subarray(0, 60), ["broken"]],
	["half a line", () => gzipSync(text(chain(3)).slice(0, -20)), ["broken"]],
	["no JSON", () => gzipSync("{]\n"), ["broken"]],
	["a record too few", () => gzipSync(text(chain(2))), ["name", "name"]],
	["another record", () => gzipSync(text([...chain(2), ...chain(1, "b")])), ["name"]],
	[
		"a record of another hour",
		() => gzipSync(text(chain(3)).replace(String(RECORD_TIME), String(RECORD_TIME + 3600))),
		["partition"],
	],
	["a record twice", () => gzipSync(text([...chain(2), ...chain(1)])), ["name", "repeat"]],
])("%s is found", async (_title, content, expected) => {
	await lake.store(chain(3));
	await put(await onlyKey(), content());
	expect((await verify()).codes.sort()).toEqual(expected);
});

test("what no lake function wrote is a stranger", async () => {
	await lake.store(chain(1));
	await put("pipeline=orders/dt=2026-11-24/hour=09/notes.txt", Buffer.from("x"));
	expect((await verify()).codes).toEqual(["stranger"]);
});

test("an object that goes away while the lake is read is told", async () => {
	await lake.store(chain(1));
	const key = await onlyKey();
	const { s3, bucket } = lake.place;
	const send = s3.send.bind(s3);
	const vanishing = Object.assign(Object.create(s3), {
		send: async (command: never) => {
			const answer = await send(command);
			if ((command as object) instanceof ListObjectsV2Command)
				await send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
			return answer;
		},
	});
	const findings: Finding[] = [];
	const options = { now: RECORD_TIME, metrics: null, onFinding: (finding: Finding) => findings.push(finding) };
	await verifyLake({ ...lake.place, s3: vanishing }, ALL_TIME, { ...options, witnesses: [] });
	expect(findings.map(({ code }) => code)).toEqual(["broken"]);
});
