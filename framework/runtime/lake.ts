import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip, zstdCompress } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { LakeCompression } from "../contract/manifest.ts";
import { lakePrefix } from "../contract/places.ts";
import { answerFrom } from "./answer.ts";
import type { Arrival } from "./arrival.ts";
import { beforeAbort } from "./before-abort.ts";
import type { Invocation, Process } from "./invocation.ts";
import { encodeLines } from "./ndjson.ts";
import { describeError } from "./observer.ts";

/** How an object's lines become its body, and what its name ends in. */
export type Compressions = Readonly<
	Record<LakeCompression, { suffix: string; compress(lines: Buffer): Promise<Buffer> }>
>;

const COMPRESSIONS: Compressions = {
	gzip: { suffix: "gz", compress: promisify<Buffer, Buffer>(gzip) },
	zstd: { suffix: "zst", compress: promisify<Buffer, Buffer>(zstdCompress) },
};

/** The lake with other compressions: benchmarks look at what happens before them. */
export function createLake(compressions: Compressions): Process {
	return async (invocation) => {
		const { arrivals, deps } = invocation;
		const failure = await storeAll(invocation, compressions);
		const now = deps.now();
		for (const arrival of arrivals)
			deps.observer.delivery({
				consumer: "lake",
				eventID: arrival.eventID,
				outcome: failure === null ? "delivered" : "retry",
				reason: failure,
				payload: null,
				ageMilliseconds: now - arrival.time * 1000,
				refused: false,
			});
		return answerFrom(arrivals, () => failure === null);
	};
}

/** Stores every record, whatever its shape, one object an hour. All or nothing: a batch that comes again finds its names taken by the same content. */
export const storeBatch: Process = createLake(COMPRESSIONS);

/** Why not everything was stored; null when it was. */
async function storeAll(invocation: Invocation, compressions: Compressions): Promise<string | null> {
	const missing = invocation.arrivals.find(({ unavailable }) => unavailable !== null);
	if (missing) return missing.unavailable;
	const hours = Array.from(Map.groupBy(invocation.arrivals, hourNumber), ([hour, arrivals]) => ({ hour, arrivals }));
	const objects = hours.map(({ hour, arrivals }) => describeObject(hourName(hour), arrivals, invocation, compressions));
	// Sent when all are ready: which is compressed first is chance, and one event makes the same calls in the same order each time.
	await Promise.allSettled(objects);
	const { deps, signal } = invocation;
	const put = async (object: Promise<PutObjectCommand>): Promise<unknown> => {
		const work = deps.client(S3Client).send(await object, { abortSignal: signal });
		return beforeAbort(work, signal, "S3 did not answer in time.");
	};
	const puts = await Promise.allSettled(objects.map(put));
	const failed = puts.find(({ status }) => status === "rejected");
	return failed?.status === "rejected" ? describeError(failed.reason) : null;
}

async function describeObject(
	hour: string,
	arrivals: Arrival[],
	{ manifest }: Invocation,
	compressions: Compressions,
): Promise<PutObjectCommand> {
	if (!manifest.lake) throw new Error(`The manifest of ${manifest.pipeline}/${manifest.function} names no lake.`);
	const { bucket, compression } = manifest.lake;
	const { suffix, compress } = compressions[compression];
	return new PutObjectCommand({
		Bucket: bucket,
		Key: `${lakePrefix(manifest.pipeline)}${hour}/${objectName(arrivals)}.ndjson.${suffix}`,
		Body: await compress(encodeLines(arrivals, ({ line }) => line)),
		ContentType: "application/x-ndjson",
		Metadata: { consumer: "lake", records: String(arrivals.length) },
	});
}

/** Hours since 1970 of a record's own time. One without a time is kept in 1970, in sight: the wall clock would move it with each attempt. */
function hourNumber({ time }: Arrival): number {
	return time <= LATEST_SECOND ? Math.floor(time / 3600) : 0;
}

/** The end of the year 9999, beyond which ISO dates change their shape. */
const LATEST_SECOND = 253_402_300_799;

/** The partition of an hour, UTC. */
function hourName(hour: number): string {
	const iso = new Date(hour * 3_600_000).toISOString();
	return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
}

/**
 * One name for one content: no clock, no request id and no shard id (a DynamoDB event has none) goes into it.
 * It begins with the lowest sequence number, which on a table's stream is the first record's; Kinesis mixes items in their order of
 * arrival, and a reader of the lake must be able to tell from the name what cannot be in the object.
 */
function objectName(arrivals: readonly Arrival[]): string {
	let first = "";
	for (const { sequenceNumber } of arrivals)
		if (sequenceNumber !== "" && (first === "" || isLower(sequenceNumber, first))) first = sequenceNumber;
	const hash = createHash("sha256").update(arrivals.map(({ eventID }) => eventID).join("\n"));
	return `${first.padStart(40, "0")}-${arrivals.length}-${hash.digest("hex").slice(0, 16)}`;
}

/** Compares sequence numbers, texts of digits, by value. */
function isLower(left: string, right: string): boolean {
	if (left.length === right.length) return left < right;
	return left.padStart(40, "0") < right.padStart(40, "0");
}
