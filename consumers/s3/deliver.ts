import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Change } from "../../framework/contract/change.ts";
import { contentJson, imagesOf } from "../../framework/contract/content.ts";
import type { DeliverContext, Deliverer, Outcome } from "../../framework/contract/deliver.ts";
import { deliverInOrder, HELD } from "../../framework/contract/deliver-in-order.ts";
import { rowJson } from "./row.ts";
import type { Columns, PlacedS3Settings } from "./settings.ts";

const compress = promisify(gzip);

/** Writes one object for each hour among the records, the oldest hour first. */
export const deliverer: Deliverer<PlacedS3Settings> = {
	limits: () => ({ maxRecords: Number.POSITIVE_INFINITY }),
	images: imagesOf,
	async deliver(changes, context) {
		const groups = groupByHour(changes);
		const outcomes = await deliverInOrder(groups, (group) => putGroup(group, context));
		const ofChange = new Map(groups.flat().map((change, index) => [change, outcomes[index]]));
		return changes.flatMap((change) => ofChange.get(change) ?? []);
	},
};

/**
 * The records of each hour, hours rising. Times of an item are approximate and may step back over an hour's end: what follows
 * such a step goes in a later round of hours, so that an item's records are still written in their order.
 */
function groupByHour(changes: readonly Change[]): Change[][] {
	const last = new Map<string, { round: number; hour: string }>();
	const groups = Map.groupBy(changes, ({ keyHash, time }) => {
		const before = last.get(keyHash) ?? { round: 0, hour: "" };
		const hour = hourOf(time);
		const round = hour < before.hour ? before.round + 1 : before.round;
		last.set(keyHash, { round, hour });
		return `${String(round).padStart(5, "0")} ${hour}`;
	});
	return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

async function putGroup(changes: readonly Change[], context: DeliverContext<PlacedS3Settings>): Promise<Outcome[]> {
	const { columns } = context.settings;
	if (columns !== undefined) return putRows(changes, columns, context);
	return putObject(
		changes,
		changes.map((change) => contentJson(change, context.settings)),
		context,
	);
}

/** A record that does not fit its columns is refused, and what follows it of its item waits. */
async function putRows(
	changes: readonly Change[],
	columns: Columns,
	context: DeliverContext<PlacedS3Settings>,
): Promise<Outcome[]> {
	const rows = new Map(changes.map((change) => [change, rowJson(change, columns, context.settings.numbers)]));
	const refused = new Set<string>();
	const fit: Change[] = [];
	const lines: string[] = [];
	for (const [change, row] of rows)
		if (typeof row !== "string") refused.add(change.keyHash);
		else if (!refused.has(change.keyHash)) {
			fit.push(change);
			lines.push(row);
		}
	const put = fit.length === 0 ? [] : await putObject(fit, lines, context);
	const answers = new Map(fit.map((change, index) => [change, put[index]]));
	const stopped = new Set<string>();
	return changes.map((change) => {
		if (stopped.has(change.keyHash)) return HELD;
		const row = rows.get(change);
		const outcome = typeof row === "object" ? { status: "reject" as const, ...row } : (answers.get(change) ?? HELD);
		if (outcome.status !== "delivered") stopped.add(change.keyHash);
		return outcome;
	});
}

async function putObject(
	changes: readonly Change[],
	lines: readonly string[],
	context: DeliverContext<PlacedS3Settings>,
): Promise<Outcome[]> {
	const { settings } = context;
	const text = `${lines.join("\n")}\n`;
	const command = new PutObjectCommand({
		Bucket: settings.bucket,
		Key: objectKey(changes, settings),
		Body: settings.compression === "gzip" ? await compress(text) : text,
		// No ContentEncoding for gzip: readers go by the name's .gz, and HTTP clients that undo the encoding would break them.
		ContentType: "application/x-ndjson",
		Metadata: { consumer: context.consumer, records: String(changes.length) },
	});
	try {
		await context.client(S3Client).send(command, { abortSignal: context.signal });
	} catch (error) {
		const reason = `S3 did not take the object: ${error instanceof Error ? error.name : "unknown error"}`;
		return changes.map(() => ({ status: "retry", reason }));
	}
	return lines.map((payload) => ({ status: "delivered", payload }));
}

/** Made of the records alone, so that a repeat with the same records overwrites its object. */
function objectKey(changes: readonly Change[], settings: PlacedS3Settings): string {
	const ids = changes.map((change) => change.eventID).join("\n");
	const hash = createHash("sha256").update(ids).digest("hex").slice(0, 16);
	const first = changes[0];
	const sequence = first?.sequence.slice(first.sequence.lastIndexOf("/") + 1);
	// QuickSight user guide, "Supported formats for Amazon S3 manifest files": .json. What else reads JSON lines goes by their own name.
	const format = settings.columns === undefined ? "jsonl" : "json";
	const extension = settings.compression === "gzip" ? `${format}.gz` : format;
	return `${settings.prefix}/${hourOf(first?.time ?? 0)}/${sequence}-${changes.length}-${hash}.${extension}`;
}

/** The partition of a time (epoch seconds): `dt=2026-11-24/hour=09`, UTC. Compares as text in the order of time. */
function hourOf(time: number): string {
	const iso = new Date(time * 1000).toISOString();
	return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
}
