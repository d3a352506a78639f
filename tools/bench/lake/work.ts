import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { run } from "../../../framework/cli/run.ts";
import { lakePrefix } from "../../../framework/contract/places.ts";
import { localClient } from "../../../framework/testing/lake-on-s3.ts";
import type { ChildOptions } from "./child.ts";
import { CONSUMER } from "./world.ts";

export interface Work extends ChildOptions {
	/** Called with the records done so far; null = nobody listens. */
	onProgress: ((records: number) => void) | null;
}

/** What is measured. The answer is the number of records, so that nobody can say that they were not read. */
export const WORKS: Readonly<Record<string, (work: Work) => Promise<number>>> = {
	naive: runNaively,
	verify: verifyAll,
	replay: replayAll,
	query: queryAll,
	duckdb: queryPlainly,
};

/** What everybody writes first: object by object, line by line, a call for each record. Not in the stream's order, and with repeats. */
async function runNaively({ endpoint, bucket, pipeline, functionName, most }: Work): Promise<number> {
	const s3 = new S3Client({ ...localClient(endpoint), forcePathStyle: true });
	const lambda = new LambdaClient(localClient(endpoint));
	let records = 0;
	let token: string | undefined;
	do {
		const page = await s3.send(
			new ListObjectsV2Command({ Bucket: bucket, Prefix: lakePrefix(pipeline), ContinuationToken: token }),
		);
		for (const { Key } of page.Contents ?? []) {
			const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
			for await (const line of createInterface({ input: (Body as Readable).pipe(createGunzip()) })) {
				const Payload = Buffer.from(JSON.stringify({ Records: [JSON.parse(line)] }));
				const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload }));
				if (FunctionError) throw new Error("the function failed");
				records += 1;
				if (records === most) return records;
			}
		}
		token = page.NextContinuationToken;
	} while (token !== undefined);
	return records;
}

/** `pipeline replay`: lease, journal, each item's order. */
async function replayAll(work: Work): Promise<number> {
	const said = await command(work, ["replay", work.pipeline, "--consumer", CONSUMER, "--from", "1970-01-01"]);
	return Number(/: (\d+) records? delivered\.$/m.exec(said)?.[1]);
}

/** `pipeline lake verify`, of the lake alone: the naive script asks nobody either. */
async function verifyAll(work: Work): Promise<number> {
	const said = await command(work, ["lake", "verify", work.pipeline, "--witness", "none", "--format", "json"]);
	const { verdict, records } = JSON.parse(said);
	if (verdict !== "consistent") throw new Error(`the lake is ${verdict}`);
	return records;
}

/** The same question to both. */
const SUMS = (event: string, id: string, total: string, from: string): string =>
	`SELECT ${event} AS event, count(DISTINCT ${id}) AS records, sum(CAST(${total} AS DECIMAL(18, 2))) AS total FROM ${from} GROUP BY ALL`;

/** `pipeline lake query`. */
async function queryAll(work: Work): Promise<number> {
	const sql = SUMS("event", "id", "new->>'total'", "events");
	const said = await command(work, ["lake", "query", work.pipeline, sql, "--format", "json"]);
	const rows: { records: number }[] = said
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
	return rows.reduce((sum, { records }) => sum + Number(records), 0);
}

/** On the files themselves, without S3, views or an order. */
async function queryPlainly({ folder, pipeline }: Work): Promise<number> {
	const { DuckDBInstance } = await import("@duckdb/node-api");
	const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1GB" });
	const connection = await instance.connect();
	const files = `read_json('${folder}/${lakePrefix(pipeline)}**/*.ndjson.gz', format = 'newline_delimited', hive_partitioning = false, columns = {eventName: 'VARCHAR', eventID: 'VARCHAR', dynamodb: 'JSON'})`;
	const reader = await connection.runAndReadAll(SUMS("eventName", "eventID", "dynamodb->>'$.NewImage.total.N'", files));
	const records = reader.getRowsJson().reduce((sum, [, each]) => sum + Number(each), 0);
	connection.closeSync();
	instance.closeSync();
	return records;
}

/** Runs a command of ours in this process, from reading the project on. */
async function command({ root, onProgress }: Work, argv: readonly string[]): Promise<string> {
	let stdout = "";
	let stderr = "";
	const code = await run(argv, {
		stdout(text) {
			stdout += text;
		},
		stderr(text) {
			const [, done] = /\] (\d+) of/.exec(text) ?? [];
			if (done === undefined) stderr += text;
			else onProgress?.(Number(done));
		},
		cwd: root,
		env: {},
		// A terminal is told of every tenth of a second.
		terminal: onProgress !== null,
		printsToTerminal: false,
		signal: new AbortController().signal,
	});
	if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}${stdout}`);
	return stdout;
}
