import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClientOf } from "../contract/deliver.ts";
import type { StreamRecord } from "../contract/dynamodb.ts";
import type { LakeCompression } from "../contract/manifest.ts";
import type { LakePlace } from "../lake/place.ts";
import type { LocalRequest, LocalService } from "../local/http.ts";
import { LOCAL_CLIENT } from "../local/local-client.ts";
import { startS3 } from "../local/s3/start.ts";
import { startServer } from "../local/server.ts";
import { decodeEvent } from "../runtime/arrival.ts";
import type { Invocation } from "../runtime/invocation.ts";
import { storeBatch } from "../runtime/lake.ts";

/** A lake on the embedded S3, over the wire, written by the code of the lake function. */
export interface LakeOnS3 {
	place: LakePlace;
	/** Of the service. */
	endpoint: string;
	/** Where the bucket's objects lie as plain files. */
	folder: string;
	/** Stores a batch as the lake function would. */
	store(records: readonly StreamRecord[], compression?: LakeCompression): Promise<void>;
	close(): Promise<void>;
}

/** `other` serves what it takes; the rest is for S3. */
export async function startLake(
	pipeline = "orders",
	other: (request: LocalRequest) => LocalService | null = () => null,
): Promise<LakeOnS3> {
	const dir = mkdtempSync(join(tmpdir(), "lake-"));
	const service = startS3({ dir });
	const server = await startServer({ port: 0, route: (request) => other(request) ?? service });
	const s3 = new S3Client({ ...localClient(server.url), forcePathStyle: true });
	const place: LakePlace = { s3, bucket: "lake", pipeline };
	await s3.send(new CreateBucketCommand({ Bucket: place.bucket }));
	return {
		place,
		endpoint: server.url,
		folder: join(dir, place.bucket),
		store: (records, compression) => storeInLake(place, records, compression),
		async close() {
			s3.destroy();
			await server.close();
			rmSync(dir, { recursive: true });
		},
	};
}

/** Configuration of an AWS client of services on this machine. */
export const localClient = (endpoint: string) => ({ ...LOCAL_CLIENT, endpoint });

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
