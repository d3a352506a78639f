import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Manifest } from "../../contract/manifest.ts";
import { startMetrics } from "../../local/metrics/start.ts";
import { createJsonObserver } from "../../runtime/json-observer.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { type LakeOnS3, localClient, startLake } from "../../testing/lake-on-s3.ts";
import { listHours } from "../list.ts";
import { ALL_TIME } from "../range.ts";
import type { Finding } from "./finding.ts";
import { holdMetrics } from "./hold-metrics.ts";
import { readLossMetrics } from "./loss-metrics.ts";
import type { Testimony } from "./witness.ts";

const MAPPING = "6f1c1c1e-0000-4000-8000-000000000001";
/** The embedded S3 dates objects itself, so the metrics are of this hour, too. */
const NOW = Date.now();
const HOUR = 3_600_000;

let logs: string;
let lake: LakeOnS3;
let cloudWatch: CloudWatchClient;

beforeEach(async () => {
	logs = mkdtempSync(join(tmpdir(), "logs-"));
	const metrics = startMetrics({ logs });
	lake = await startLake("orders", ({ headers }) => (headers["x-amz-target"] ? metrics : null));
	cloudWatch = new CloudWatchClient(localClient(lake.endpoint));
});
afterEach(async () => {
	cloudWatch.destroy();
	await lake.close();
	rmSync(logs, { recursive: true });
});

const write = (line: string): void => appendFileSync(join(logs, "lake.log"), `${line}\n`);

/** Stores a batch and counts it as the lake function does. */
async function store(item: string, records: number, ageMilliseconds = 1000): Promise<void> {
	const batch = Array.from({ length: records }, (_, number) => streamRecord({ item, number, time: NOW / 1000 }));
	await lake.store(batch);
	const manifest = { environment: "test", pipeline: "orders", function: "lake", logs: { sampleRate: 0 } } as Manifest;
	const observer = createJsonObserver(manifest, { write, now: () => NOW });
	observer.begin("request", false);
	const delivered = { consumer: "lake", outcome: "delivered", reason: null, payload: null, refused: false } as const;
	for (const { eventID } of batch) observer.delivery({ ...delivered, eventID, ageMilliseconds });
	observer.flush();
}

/** What Lambda counts of a mapping, in a line as any program may embed it. */
function countOfMapping(values: Record<string, number>, hoursAgo = 0): void {
	const Metrics = Object.keys(values).map((Name) => ({ Name }));
	const CloudWatchMetrics = [{ Namespace: "AWS/Lambda", Dimensions: [["EventSourceMappingUUID"]], Metrics }];
	const _aws = { Timestamp: NOW - hoursAgo * HOUR, CloudWatchMetrics };
	write(JSON.stringify({ _aws, EventSourceMappingUUID: MAPPING, ...values }));
}

async function hold(heard: readonly Testimony[] = []) {
	const findings: Finding[] = [];
	const measured = {
		dimensions: { environment: "test", pipeline: "orders", consumer: "lake" },
		functionName: "orders-lake",
		mapping: MAPPING,
	};
	const told = await holdMetrics(
		{
			name: "metrics",
			retentionHours: 24,
			countedWithin: 60,
			metrics: await readLossMetrics(cloudWatch, measured, ALL_TIME, NOW / 1000),
		},
		lake.place,
		heard,
		NOW / 1000,
		(finding) => findings.push(finding),
	);
	return { told, codes: findings.map(({ code }) => code), details: findings.map(({ detail }) => detail).join() };
}

async function loseAnObject(): Promise<void> {
	for await (const { objects } of listHours(lake.place, ALL_TIME)) {
		const command = new DeleteObjectCommand({ Bucket: lake.place.bucket, Key: objects[0]?.key });
		await lake.place.s3.send(command);
	}
}

const quiet = { PolledEventCount: 7, DroppedEventCount: 0, OnFailureDestinationDeliveredEventCount: 0 };

test("what is counted is there: they vouch, if the mapping is counted too", async () => {
	await store("a", 5);
	await store("b", 2);
	expect(await hold()).toMatchObject({ codes: [], told: { stored: 7, held: 7, oldest: 1000, vouches: false } });
	countOfMapping(quiet);
	expect(await hold()).toMatchObject({ codes: [], told: { mapping: { dropped: 0, dumped: 0 }, vouches: true } });
});

test("an object that is gone shows in the count", async () => {
	await store("a", 5);
	await store("b", 2);
	countOfMapping(quiet);
	await loseAnObject();
	const { told, codes, details } = await hold();
	expect(codes).toEqual(["loss"]);
	expect(details).toContain("counted 7 records stored");
	expect(told.vouches).toBe(false);
});

test("a batch that was stored twice under one name looks alike, and whoever knows each record overrules it", async () => {
	await store("a", 5);
	await store("a", 5);
	expect((await hold()).codes).toEqual(["loss"]);
	const testimony = {
		name: "stream",
		from: RECORD_TIME - 86_400,
		to: NOW / 1000,
		records: 5,
		missing: 0,
		unknown: 0,
		pending: 0,
	};
	expect(await hold([testimony])).toMatchObject({ codes: [], told: { overruled: true, vouches: false } });
	expect((await hold([{ ...testimony, missing: 1 }])).codes).toEqual(["loss"]);
	expect((await hold([{ ...testimony, from: NOW / 1000 + 3600 }])).codes).toEqual(["loss"]);
});

test.each([
	["records that the mapping dropped", () => countOfMapping({ ...quiet, DroppedEventCount: 3 }), "dropped 3 records"],
	["a day without reading", () => countOfMapping(quiet, 25), "read nothing for"],
	["a reader as far behind as the source keeps", () => store("b", 1, 23.5 * HOUR), "23.5 h of 24 h"],
])("%s: found", async (_title, plant, expected) => {
	await store("a", 5);
	await plant();
	const { codes, details, told } = await hold();
	expect(codes).toEqual(["loss"]);
	expect(details).toContain(expected);
	expect(told.vouches).toBe(false);
});

test("what was dumped is no loss, and no reason to vouch", async () => {
	await store("a", 5);
	countOfMapping({ ...quiet, OnFailureDestinationDeliveredEventCount: 2 });
	expect(await hold()).toMatchObject({ codes: [], told: { vouches: false } });
});

test("nothing counted, nothing said", async () => {
	expect(await hold()).toMatchObject({ codes: [], told: { from: null, vouches: false } });
});
