import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Change } from "../../framework/contract/change.ts";
import { contentJson } from "../../framework/contract/content.ts";
import type { DeliverContext, Deliverer, Outcome } from "../../framework/contract/deliver.ts";
import { deliverInOrder } from "../../framework/contract/deliver-in-order.ts";
import type { PlacedS3Settings } from "./settings.ts";

const compress = promisify(gzip);

/** Writes one object for each hour among the records, the oldest hour first. */
export const deliverer: Deliverer<PlacedS3Settings> = {
	limits: () => ({ maxRecords: Number.POSITIVE_INFINITY }),
	async deliver(changes, context) {
		const groups = groupByHour(changes);
		const outcomes = await deliverInOrder(groups, (group) => putObject(group, context));
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

async function putObject(changes: readonly Change[], context: DeliverContext<PlacedS3Settings>): Promise<Outcome[]> {
	const { settings } = context;
	const lines = changes.map((change) => contentJson(change, settings));
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
	const extension = settings.compression === "gzip" ? "jsonl.gz" : "jsonl";
	return `${settings.prefix}/${hourOf(first?.time ?? 0)}/${sequence}-${changes.length}-${hash}.${extension}`;
}

/** The partition of a time (epoch seconds): `dt=2026-11-24/hour=09`, UTC. Compares as text in the order of time. */
function hourOf(time: number): string {
	const iso = new Date(time * 1000).toISOString();
	return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
}
