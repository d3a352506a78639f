import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import type { LakeCompression } from "../contract/manifest.ts";
import { LakeError } from "./lake-error.ts";
import { type LakePlace, lakePrefix } from "./place.ts";
import { ALL_TIME, overlapsHour, partitionOf, startOfPartition, type TimeRange } from "./range.ts";

/** An object as its name describes it. */
export interface LakeObject {
	key: string;
	/** Sequence number of its first record, padded to 40 digits. */
	first: string;
	/** Records in it. */
	count: number;
	/** First 16 hex digits of the SHA-256 of its eventIDs. */
	hash: string;
	compression: LakeCompression;
	bytes: number;
	/** Epoch milliseconds. */
	storedAt: number;
}

export interface LakeHour {
	/** `dt=2026-11-24/hour=09` */
	partition: string;
	/** Epoch seconds. */
	start: number;
	/** In the order of their first sequence numbers. */
	objects: LakeObject[];
	/** Keys that no lake function wrote. */
	strangers: string[];
}

/** Seconds from a change to its object, and a good deal more. */
const LONGEST_ON_THE_WAY = 26 * 3600;

const NAME = /^(\d{40})-(\d+)-([0-9a-f]{16})\.ndjson\.(gz|zst)$/;

/** The hours of a range that have objects, in their order, one at a time: a lake of any size fits in memory. `first`: the partition to begin with. */
export async function* listHours(place: LakePlace, range: TimeRange, first?: string): AsyncGenerator<LakeHour> {
	let hour: LakeHour | null = null;
	const begin = first ?? (range.from > 0 ? partitionOf(range.from) : undefined);
	for await (const { Key, Size, LastModified } of listKeys(place, begin)) {
		const below = Key.slice(lakePrefix(place).length);
		const end = below.lastIndexOf("/");
		const partition = below.slice(0, Math.max(0, end));
		const start = startOfPartition(partition);
		if (start !== null && start >= range.to) break;
		if (start !== null && !overlapsHour(range, start)) continue;
		if (hour && hour.partition !== partition) {
			yield hour;
			hour = null;
		}
		hour ??= { partition, start: start ?? 0, objects: [], strangers: [] };
		const [, first, count, hash, suffix] = (start === null ? null : NAME.exec(below.slice(end + 1))) ?? [];
		if (first === undefined || count === undefined || hash === undefined) hour.strangers.push(Key);
		else
			hour.objects.push({
				key: Key,
				first,
				count: Number(count),
				hash,
				compression: suffix === "gz" ? "gzip" : "zstd",
				bytes: Size,
				storedAt: LastModified,
			});
	}
	if (hour) yield hour;
}

/** The hours of a range on days that have objects: one request a thousand days, to know how much there is to list. */
export async function listPartitions(place: LakePlace, range: TimeRange): Promise<string[]> {
	const first = range.from > 0 ? partitionOf(range.from).slice(0, "dt=2026-11-24".length) : undefined;
	const days: string[] = [];
	for await (const { CommonPrefixes = [] } of listPages(place, first, "/"))
		for (const { Prefix = "" } of CommonPrefixes) days.push(Prefix.slice(lakePrefix(place).length));
	const hours = days.flatMap((day) =>
		Array.from({ length: 24 }, (_, hour) => `${day}hour=${String(hour).padStart(2, "0")}`),
	);
	return hours.filter((partition) => {
		const start = startOfPartition(partition);
		return start !== null && overlapsHour(range, start);
	});
}

/** Records that the names of a range's objects speak of, repeats included; those of its first hours, if it is stopped. */
export async function countRecords(place: LakePlace, range: TimeRange, signal?: AbortSignal): Promise<number> {
	let total = 0;
	for await (const { objects } of listHours(place, range)) {
		for (const { count } of objects) total += count;
		if (signal?.aborted) break;
	}
	return total;
}

/** The objects that were stored since a time, epoch seconds. A record is stored within the stream's retention; one without a time lies in 1970. */
export async function* listStoredSince(place: LakePlace, seconds: number): AsyncGenerator<LakeObject> {
	const first = Math.max(3600, seconds - LONGEST_ON_THE_WAY);
	for (const range of [
		{ from: 0, to: 3600 },
		{ from: first, to: ALL_TIME.to },
	])
		for await (const { objects } of listHours(place, range))
			yield* objects.filter(({ storedAt }) => storedAt >= seconds * 1000);
}

async function* listKeys(place: LakePlace, first: string | undefined) {
	for await (const { Contents = [] } of listPages(place, first))
		for (const { Key, Size, LastModified } of Contents)
			if (Key !== undefined) yield { Key, Size: Size ?? 0, LastModified: LastModified?.getTime() ?? 0 };
}

/** S3 lists keys in the order of their bytes, which is that of the hours: what lies before the range is never asked for. */
async function* listPages(
	place: LakePlace,
	first: string | undefined,
	delimiter?: string,
): AsyncGenerator<ListObjectsV2CommandOutput> {
	const prefix = lakePrefix(place);
	// A key below the first hour's partition comes after the bare partition.
	const startAfter = first === undefined ? undefined : `${prefix}${first}`;
	let token: string | undefined;
	do {
		const page: ListObjectsV2CommandOutput = await place.s3
			.send(
				new ListObjectsV2Command({
					Bucket: place.bucket,
					Prefix: prefix,
					...(delimiter !== undefined && { Delimiter: delimiter }),
					...(token === undefined ? startAfter && { StartAfter: startAfter } : { ContinuationToken: token }),
				}),
			)
			.catch((error: Error) => {
				throw new LakeError(
					"lake-unreachable",
					`The lake s3://${place.bucket}/${prefix} cannot be listed: ${error.name}`,
				);
			});
		yield page;
		token = page.NextContinuationToken;
	} while (token !== undefined);
}
