import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { StreamRecord } from "../contract/dynamodb.ts";
import { attach } from "../local/attach.ts";
import { openDataDir } from "../local/data-dir.ts";
import { LOCAL_CLIENT } from "../local/local-client.ts";
import { storeInLake } from "./lake-on-s3.ts";

/** Leaves in a project what a local run would have: the lake of a pipeline with these batches, beside those it has. */
export async function fillLocalLake(
	projectRoot: string,
	pipeline: string,
	batches: readonly (readonly StreamRecord[])[],
): Promise<void> {
	const dataDir = join(projectRoot, ".tributary", "dev");
	mkdirSync(dataDir, { recursive: true });
	openDataDir(dataDir).release();
	const services = await attach(dataDir);
	const s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: services.endpoint, forcePathStyle: true });
	const bucket = "tributary-local-lake-000000000000-us-east-1";
	await s3.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: Error) => {
		if (error.name !== "BucketAlreadyOwnedByYou") throw error;
	});
	for (const batch of batches) await storeInLake({ s3, bucket, pipeline }, batch);
	s3.destroy();
	await services.close();
}
