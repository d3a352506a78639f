import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { bind } from "../../../contract/manifest.ts";
import { countRecords } from "../../../lake/list.ts";
import type { Finding } from "../../../lake/verify/finding.ts";
import { readStream } from "../../../lake/verify/stream-witness.ts";
import { type Verification, type VerifyOptions, verifyLake } from "../../../lake/verify/verify.ts";
import { count } from "../../../plan/words.ts";
import type { Command } from "../../command.ts";
import { CONNECT_OPTIONS, type Connection, connect, lakeOf, pipelineOf } from "../../connect.ts";
import { createProgress } from "../../progress.ts";
import { parseRange, RANGE_OPTIONS } from "../../time-range.ts";

export const verify: Command = {
	name: "lake verify",
	summary: "Check a lake against itself, and against what its table's stream still has",
	positionals: "<pipeline>",
	arity: [1, 1],
	options: {
		...RANGE_OPTIONS,
		witness: {
			type: "string",
			choices: ["stream", "none"],
			help: "Who else is asked: the table's stream has the last 24 hours (stream)",
		},
		...CONNECT_OPTIONS,
		format: {
			type: "string",
			choices: ["human", "json"],
			help: "How to report; json: a line a finding, then the sum (human)",
		},
	},
	examples: [
		"pipeline lake verify user-actions",
		"pipeline lake verify user-actions --from 7d --witness none --env prod",
	],
	async run(args, io) {
		const [pipeline = ""] = args.positionals;
		const now = Date.now();
		const range = parseRange(args, now);
		const connection = await connect(args, io, [pipeline]);
		if (connection === null) return 1;
		const asked = args.option("witness") !== "none" ? await askStream(connection, pipeline, now / 1000) : null;
		const json = args.option("format") === "json";
		try {
			const place = lakeOf(connection, pipeline);
			const progress = createProgress(io, { label: "records verified", total: await countRecords(place, range) });
			const result = await verifyLake(place, range, {
				now: now / 1000,
				witness: asked?.witness ?? null,
				onFinding: (finding) => io.stdout(json ? `${JSON.stringify(finding)}\n` : describeFinding(finding)),
				onProgress: progress.advance,
				signal: io.signal,
			});
			progress.end();
			io.stdout(json ? `${JSON.stringify(result)}\n` : describeResult(result));
			return result.findings === 0 ? 0 : 1;
		} finally {
			asked?.close();
			await connection.close();
		}
	},
};

/** Time that a record may take into the lake beside its function's own: polling, retries, a redeployment. */
const GRACE_SECONDS = 60;

/** The table's stream as a witness; null if the table has none. */
async function askStream(
	{ plan, bindings, client }: Connection,
	name: string,
	now: number,
): Promise<{ witness: NonNullable<VerifyOptions["witness"]>; close(): void } | null> {
	const pipeline = pipelineOf(plan, name);
	const lake = pipeline.functions.find(({ role }) => role === "lake");
	const dynamodb = new DynamoDBClient(client);
	const table = bind(pipeline.functions[0]?.manifest.table.name ?? "", bindings);
	const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
	dynamodb.destroy();
	if (!lake || !Table?.LatestStreamArn) return null;
	const streams = new DynamoDBStreamsClient(client);
	const { maximumBatchingWindowInSeconds } = lake.mapping;
	const settledBefore = now - maximumBatchingWindowInSeconds - 2 * lake.timeoutSeconds - GRACE_SECONDS;
	const records = readStream(streams, Table.LatestStreamArn);
	return { witness: { name: `stream of ${table}`, records, settledBefore }, close: () => streams.destroy() };
}

function describeFinding({ code, key, line, detail }: Finding): string {
	const place = key === null ? "" : `${key}${line === null ? "" : `:${line}`}\n  `;
	return `${code.padEnd(9)} ${place}${detail}\n`;
}

function describeChains({ compared, forgotten }: Verification["chains"]): string {
	if (compared === 0) return "none to follow: no two changes of an item have both images";
	const left = forgotten > 0 ? `; ${count(forgotten, "change")} of items that were too many to follow` : "";
	return `${compared} old images compared with the change before${left}`;
}

function describeResult(result: Verification): string {
	const { hours, openHours, objects, records, repeats, findings, chains, witness, verdict } = result;
	const said = {
		inconsistent: `${count(findings, "finding")}: the lake is not as it should be.`,
		consistent: "consistent: the lake agrees with itself. Whether it is complete, only a witness could say.",
		complete: `complete: it holds every record that the ${witness?.name} has of this range.`,
	}[verdict];
	const pending = witness && witness.pending > 0 ? `, ${witness.pending} of them too young to be missed` : "";
	return [
		"",
		`hours    ${hours}, ${openHours} still open`,
		`objects  ${objects}`,
		`records  ${records}, and ${count(repeats, "repeat")} in objects that overlap`,
		`chains   ${describeChains(chains)}`,
		`witness  ${witness ? `${witness.name}: ${count(witness.records, "record")}${pending}` : "none"}`,
		"",
		`verdict  ${said}`,
		"",
	].join("\n");
}
