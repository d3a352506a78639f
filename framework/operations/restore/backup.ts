import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { overlapsHour, startOfPartition, type TimeRange } from "../../lake/range.ts";
import { compareRecords, type LakeRecord, parseRecord } from "../../lake/record.ts";
import { OperationError } from "../operation-error.ts";
import type { Services } from "../place.ts";

/** Where a consumer keeps records as DynamoDB wrote them, by hour: `<prefix>/dt=…/hour=…/….jsonl[.gz]`. */
export interface Backup {
	bucket: string;
	/** Without a slash at its end. */
	prefix: string;
}

/** What an hour's objects may unpack to. */
const MOST_BYTES = 256 * 1024 * 1024;

/** One hour of a backup: `<prefix>/dt=…/hour=…/`. */
export interface BackupHour {
	prefix: string;
	/** What its objects' names speak of: `<first sequence>-<count>-<hash>`. */
	records: number;
}

/** The hours of a range, the last first; fewer if it is stopped. */
export async function listBackup(
	backup: Backup,
	{ s3 }: Pick<Services, "s3">,
	range: TimeRange,
	signal: AbortSignal,
): Promise<BackupHour[]> {
	const prefixes = async (Prefix: string): Promise<string[]> => {
		const found: string[] = [];
		const pages = paginateListObjectsV2({ client: s3 }, { Bucket: backup.bucket, Prefix, Delimiter: "/" });
		for await (const { CommonPrefixes = [] } of pages)
			for (const { Prefix: below } of CommonPrefixes) if (below !== undefined) found.push(below);
		return found.sort().reverse();
	};
	const hours: BackupHour[] = [];
	for (const day of await prefixes(`${backup.prefix}/`))
		for (const prefix of await prefixes(day)) {
			if (signal.aborted) return hours;
			const start = startOfPartition(prefix.slice(backup.prefix.length + 1, -1));
			if (start === null || !overlapsHour(range, start)) continue;
			hours.push({ prefix, records: await countHour(backup, { s3 }, prefix) });
		}
	return hours;
}

async function countHour({ bucket }: Backup, { s3 }: Pick<Services, "s3">, Prefix: string): Promise<number> {
	let total = 0;
	for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix }))
		for (const { Key = "" } of Contents) total += Number(/-(\d+)-[^/-]+$/.exec(Key)?.[1] ?? 0);
	return total;
}

/** An hour's records, the newest first: whoever takes the first of an item has its newest. */
export async function readHour(
	{ bucket }: Backup,
	{ s3 }: Pick<Services, "s3">,
	Prefix: string,
): Promise<LakeRecord[]> {
	const records: LakeRecord[] = [];
	for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix }))
		for (const { Key = "" } of Contents) {
			const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
			const lines = unpack(bucket, Key, (await Body?.transformToByteArray()) ?? new Uint8Array());
			records.push(...lines.map((line, index) => parseRecord(line, Key, index + 1)));
		}
	return records.sort((one, other) => compareRecords(other, one));
}

function unpack(bucket: string, key: string, bytes: Uint8Array): string[] {
	try {
		const text = key.endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : Buffer.from(bytes);
		return text
			.toString("utf8")
			.split("\n")
			.filter((line) => line !== "");
	} catch (error) {
		throw new OperationError(`s3://${bucket}/${key} is broken: ${(error as Error).message}`);
	}
}
