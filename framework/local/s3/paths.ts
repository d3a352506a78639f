import { hash } from "node:crypto";
import { join, sep } from "node:path";
import { AwsError } from "../aws-json.ts";

/** Bytes of a key (S3 user guide, "Naming Amazon S3 objects"), and of a name in the usual file systems. */
const MAX_KEY_BYTES = 1024;
const MAX_NAME_BYTES = 255;

/** Where things lie below the folder of the store. Bucket names never begin with a dot, so the side folders are nobody's. */
export interface Paths {
	root: string;
	bucket(bucket: string): string;
	object(bucket: string, key: string): string;
	/** What is said of an object; flat, so that no key can be in the way of another's. */
	metadata(bucket: string, key: string): string;
	metadataOfBucket(bucket: string): string;
	uploads: string;
	temporary: string;
}

export function pathsBelow(dir: string): Paths {
	const bucketDir = (bucket: string): string => join(dir, checkBucketName(bucket));
	const metadataOfBucket = (bucket: string): string => join(dir, ".metadata", checkBucketName(bucket));
	return {
		root: dir,
		bucket: bucketDir,
		object: (bucket, key) => join(bucketDir(bucket), ...checkKey(key)),
		metadata: (bucket, key) => join(metadataOfBucket(bucket), `${hash("sha256", key)}.json`),
		metadataOfBucket,
		uploads: join(dir, ".uploads"),
		temporary: join(dir, ".temporary"),
	};
}

function checkBucketName(bucket: string): string {
	if (!isBucketName(bucket)) throw new AwsError("InvalidBucketName", `${bucket} is not a valid name of a bucket.`);
	return bucket;
}

/** S3 user guide, "General purpose bucket naming rules". */
export function isBucketName(name: string): boolean {
	return /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
}

/** Whether a part of a key between slashes can be the name of a file, and leads nowhere else. */
export function isFileName(part: string): boolean {
	const leadsAway = part === "" || part === "." || part === ".." || (sep !== "/" && part.includes(sep));
	return !leadsAway && !part.includes("\0") && Buffer.byteLength(part) <= MAX_NAME_BYTES;
}

function checkKey(key: string): string[] {
	if (Buffer.byteLength(key) > MAX_KEY_BYTES)
		throw new AwsError("KeyTooLongError", `A key has at most ${MAX_KEY_BYTES} bytes.`);
	const parts = key.split("/");
	if (!parts.every(isFileName))
		throw new AwsError(
			"InvalidArgument",
			`The local S3 keeps objects as plain files, so each part of a key must be a file's name: not empty, not . or .., at most ${MAX_NAME_BYTES} bytes. Choose another key than ${JSON.stringify(key)}.`,
		);
	return parts;
}
