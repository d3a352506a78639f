import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { StreamRecord } from "../../framework/contract/dynamodb.ts";
import { type Engine, startEngine } from "../../framework/local/engine.ts";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

const PROFILES = `
name: profiles
table:
  existing: profiles-eu
  otherReaders: 1
  keys: { partition: { name: id, type: S } }
  viewType: NEW_AND_OLD_IMAGES
lake: { maxBatchingWindowSeconds: 0 }
consumers:
  - { name: log, kind: s3, start: horizon, with: { content: record } }
`;

/** Bytes of a binary attribute near DynamoDB's 400 KB: as base64, with the old image beside the new one, more than Kinesis takes. */
const LARGE = 399_000;

async function put(engine: Engine, id: string, photo: Buffer): Promise<void> {
	const dynamodb = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: engine.endpoint });
	const Item = { id: { S: id }, photo: { B: photo } };
	await dynamodb.send(new PutItemCommand({ TableName: engine.pipelines[0]?.table, Item }));
	dynamodb.destroy();
}

interface Stored {
	key: string;
	records: StreamRecord[];
}

async function storedBelow(engine: Engine, bucket: string, prefix: string): Promise<Stored[]> {
	const s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: engine.endpoint, forcePathStyle: true });
	const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
	const stored: Stored[] = [];
	for (const { Key = "" } of Contents) {
		const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
		const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
		const text = (Key.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
		stored.push({ key: Key, records: text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)])) });
	}
	s3.destroy();
	return stored;
}

const hourOf = (seconds: number): string => {
	const iso = new Date(seconds * 1000).toISOString();
	return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
};

test("with one reader left the lake keeps everything from behind the router", async () => {
	const plan = planYaml("profiles", PROFILES, "local");
	const dataDir = mkdtempSync(join(tmpdir(), "one-reader-"));
	const engine = await startEngine({ plan, projectRoot, port: 0, dataDir });
	try {
		// The table of somebody else is made here, under its own name.
		expect(engine.pipelines).toMatchObject([{ table: "profiles-eu", lakePrefix: "pipeline=profiles/" }]);
		for (const id of ["a", "b", "c"]) await put(engine, id, Buffer.from(id));
		for (const fill of [1, 2]) await put(engine, "large", Buffer.alloc(LARGE, fill));
		await engine.idle();

		const claimChecks = await storedBelow(
			engine,
			`tributary-local-operations-${engine.bindings.accountId}-${engine.bindings.region}`,
			"claim-checks/profiles/",
		);
		expect(claimChecks).toHaveLength(1);

		const lake = await storedBelow(engine, engine.pipelines[0]?.lakeBucket ?? "", "pipeline=profiles/");
		const records = lake.flatMap((each) => each.records);
		expect(records.map(({ dynamodb }) => JSON.stringify(dynamodb.Keys)).sort()).toEqual(
			["a", "b", "c", "large", "large"].map((id) => JSON.stringify({ id: { S: id } })),
		);
		expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(5);
		// Whole again, as DynamoDB wrote them: no stub is left, nothing of Kinesis is in them.
		for (const record of records)
			expect(record).toMatchObject({
				eventSource: "aws:dynamodb",
				dynamodb: { NewImage: { photo: { B: expect.any(String) } } },
			});
		for (const { key, records: kept } of lake)
			for (const { dynamodb } of kept) expect(key).toContain(hourOf(dynamodb.ApproximateCreationDateTime ?? 0));
	} finally {
		await engine.close();
		rmSync(dataDir, { recursive: true, force: true });
	}
});
