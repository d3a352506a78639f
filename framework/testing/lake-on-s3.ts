import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClientOf } from "../contract/deliver.ts";
import type { StreamRecord } from "../contract/dynamodb.ts";
import type { LakeCompression } from "../contract/manifest.ts";
import type { LakePlace } from "../lake/place.ts";
import { startS3 } from "../local/s3/start.ts";
import { startServer } from "../local/server.ts";
import { decodeEvent } from "../runtime/arrival.ts";
import type { Invocation } from "../runtime/invocation.ts";
import { storeBatch } from "../runtime/lake.ts";

/** A lake on the embedded S3, over the wire, written by the code of the lake function. */
export interface LakeOnS3 {
	place: LakePlace;
	/** Stores a batch as the lake function would. */
	store(records: readonly StreamRecord[], compression?: LakeCompression): Promise<void>;
	close(): Promise<void>;
}

export async function startLake(pipeline = "orders"): Promise<LakeOnS3> {
	const dir = mkdtempSync(join(tmpdir(), "lake-"));
	const service = startS3({ dir });
	const server = await startServer({ port: 0, route: () => service });
	const s3 = new S3Client({
		endpoint: server.url,
		region: "us-east-1",
		forcePathStyle: true,
		credentials: { accessKeyId: "local", secretAccessKey: "local" },
	});
	const place: LakePlace = { s3, bucket: "lake", pipeline };
	await s3.send(new CreateBucketCommand({ Bucket: place.bucket }));
	return {
		place,
		store: (records, compression) => storeInLake(place, records, compression),
		async close() {
			s3.destroy();
			await server.close();
			rmSync(dir, { recursive: true });
		},
	};
}

/** Stores a batch as the lake function would. */
export async function storeInLake(
	place: LakePlace,
	records: readonly StreamRecord[],
	compression: LakeCompression = "gzip",
): Promise<void> {
	const { batchItemFailures } = await storeBatch(invocation(place, records, compression));
	if (batchItemFailures.length > 0) throw new Error("the batch was not stored");
}

/** What the lake's code looks at, and nothing else. */
function invocation(place: LakePlace, Records: readonly StreamRecord[], compression: LakeCompression): Invocation {
	return {
		manifest: { pipeline: place.pipeline, function: "lake", lake: { bucket: place.bucket, compression } },
		arrivals: decodeEvent({ Records }),
		signal: new AbortController().signal,
		deps: { client: (() => place.s3) as unknown as ClientOf, now: () => 0, observer: { delivery() {}, trouble() {} } },
	} as unknown as Invocation;
}
