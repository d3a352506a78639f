import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { AwsError } from "../aws-json.ts";
import type { LocalResponse } from "../http.ts";
import { xmlResponse } from "../xml.ts";
import { isBucketName, type Paths } from "./paths.ts";

const EMPTY: LocalResponse = { status: 200, headers: {}, body: "" };

export function createBucket(paths: Paths, bucket: string): LocalResponse {
	const folder = paths.bucket(bucket);
	if (existsSync(folder))
		throw new AwsError("BucketAlreadyOwnedByYou", `The bucket ${bucket} exists and is yours.`, 409);
	mkdirSync(folder, { recursive: true });
	return { ...EMPTY, headers: { location: `/${bucket}` } };
}

/** Answers HeadBucket, and stands before every operation within a bucket. */
export function requireBucket(paths: Paths, bucket: string): LocalResponse {
	if (!existsSync(paths.bucket(bucket))) throw new AwsError("NoSuchBucket", `There is no bucket ${bucket}.`, 404);
	return EMPTY;
}

export function deleteBucket(paths: Paths, bucket: string): LocalResponse {
	const folder = paths.bucket(bucket);
	if (readdirSync(folder).length > 0)
		throw new AwsError("BucketNotEmpty", `The bucket ${bucket} holds objects: delete them first.`, 409);
	rmdirSync(folder);
	rmSync(paths.metadataOfBucket(bucket), { recursive: true, force: true });
	return { ...EMPTY, status: 204 };
}

export function listBuckets(paths: Paths): LocalResponse {
	const folders = existsSync(paths.root)
		? readdirSync(paths.root, { withFileTypes: true }).filter(
				(entry) => entry.isDirectory() && isBucketName(entry.name),
			)
		: [];
	const buckets = folders
		.map(({ name }) => name)
		.sort()
		.map((name) => {
			const created = statSync(paths.bucket(name)).birthtime.toISOString();
			return `<Bucket><Name>${name}</Name><CreationDate>${created}</CreationDate></Bucket>`;
		});
	return xmlResponse(`<ListAllMyBucketsResult><Buckets>${buckets.join("")}</Buckets></ListAllMyBucketsResult>`);
}

/** us-east-1, which S3 writes as an empty element. */
export function locateBucket(): LocalResponse {
	return xmlResponse('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>');
}
