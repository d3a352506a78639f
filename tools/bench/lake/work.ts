import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { REPLAY_SOURCE } from "../../../framework/contract/replay.ts";
import { type LakePlace, lakePrefix } from "../../../framework/lake/place.ts";
import { queryTable } from "../../../framework/lake/query/run-query.ts";
import { stageRows } from "../../../framework/lake/query/stage.ts";
import { ALL_TIME } from "../../../framework/lake/range.ts";
import { readRuns } from "../../../framework/lake/read-records.ts";
import { changesOf } from "../../../framework/lake/select.ts";
import { verifyLake } from "../../../framework/lake/verify/verify.ts";

/** The function that is called, which does nothing. */
export const FUNCTION = "bench";

export interface World {
	place: LakePlace;
	lambda: LambdaClient;
	/** Where the lake's bucket lies as plain files. */
	folder: string;
	/** Called with the records done so far. */
	onProgress(records: number): void;
}

/** What is measured. The answer is the number of records, so that nobody can say that they were not read. */
export const WORKS: Readonly<Record<string, (world: World, most: number) => Promise<number>>> = {
	naive: runNaively,
	verify: verifyAll,
	replay: replayAll,
	query: queryAll,
	duckdb: queryPlainly,
};

/** What everybody writes first: object by object, line by line, a call for each record. Not in the stream's order, and with repeats. */
async function runNaively({ place, lambda }: World, most: number): Promise<number> {
	let records = 0;
	let token: string | undefined;
	do {
		const page = await place.s3.send(
			new ListObjectsV2Command({ Bucket: place.bucket, Prefix: lakePrefix(place), ContinuationToken: token }),
		);
		for (const { Key } of page.Contents ?? []) {
			const { Body } = await place.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key }));
			for await (const line of createInterface({ input: (Body as Readable).pipe(createGunzip()) })) {
				await call(lambda, { Records: [JSON.parse(line)] });
				records += 1;
				if (records === most) return records;
			}
		}
		token = page.NextContinuationToken;
	} while (token !== undefined);
	return records;
}

async function verifyAll({ place, onProgress }: World): Promise<number> {
	const { verdict, records } = await verifyLake(place, ALL_TIME, {
		now: Date.now() / 1000,
		witnesses: [],
		metrics: null,
		onFinding: ({ detail }) => process.stderr.write(`${detail}\n`),
		onProgress,
	});
	if (verdict !== "consistent") throw new Error(`the lake is ${verdict}`);
	return records;
}

const REPLAYED_TOGETHER = 500;

async function replayAll({ place, lambda, onProgress }: World): Promise<number> {
	let records = 0;
	let batch: unknown[] = [];
	const send = async (): Promise<void> => {
		if (batch.length === 0) return;
		await call(lambda, { source: REPLAY_SOURCE, replayId: "bench", consumer: "c", records: batch });
		records += batch.length;
		batch = [];
		onProgress(records);
	};
	for await (const run of readRuns(place, ALL_TIME))
		for (const { json } of run) {
			batch.push(json);
			if (batch.length === REPLAYED_TOGETHER) await send();
		}
	await send();
	return records;
}

async function call(lambda: LambdaClient, event: unknown): Promise<void> {
	const { FunctionError } = await lambda.send(
		new InvokeCommand({ FunctionName: FUNCTION, Payload: Buffer.from(JSON.stringify(event)) }),
	);
	if (FunctionError) throw new Error("the function failed");
}

/** The same question to both. */
const SUMS = (event: string, id: string, total: string, from: string): string =>
	`SELECT ${event}, count(DISTINCT ${id}), sum(CAST(${total} AS DECIMAL(18, 2))) FROM ${from} GROUP BY ALL`;

const sumCounts = (rows: readonly (readonly unknown[])[]): number =>
	rows.reduce((sum, [, each]) => sum + Number(each), 0);

async function queryAll({ place, onProgress }: World): Promise<number> {
	const keys = { partition: { name: "orderId", type: "S" }, sort: null } as const;
	const origin = { environment: "bench", pipeline: place.pipeline, region: "eu-west-1", keys };
	const changeOf = changesOf(origin);
	const mostBytes = 8 * 1024 ** 3;
	const stage = await stageRows({
		place,
		range: ALL_TIME,
		changeOf,
		keyNames: ["orderId", null],
		mostBytes,
		onProgress,
	});
	try {
		const { rows } = await queryTable(stage, SUMS("event", "id", "new->>'total'", "events"), 10);
		return sumCounts(rows);
	} finally {
		stage.remove();
	}
}

/** On the files themselves, without S3, views or an order. */
async function queryPlainly({ place, folder }: World): Promise<number> {
	const { DuckDBInstance } = await import("@duckdb/node-api");
	const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1GB" });
	const connection = await instance.connect();
	const files = `read_json('${folder}/${lakePrefix(place)}**/*.ndjson.gz', format = 'newline_delimited', hive_partitioning = false, columns = {eventName: 'VARCHAR', eventID: 'VARCHAR', dynamodb: 'JSON'})`;
	const reader = await connection.runAndReadAll(SUMS("eventName", "eventID", "dynamodb->>'$.NewImage.total.N'", files));
	const records = sumCounts(reader.getRowsJson());
	connection.closeSync();
	instance.closeSync();
	return records;
}
