import type { Bucket } from "@pulumi/aws/s3/bucket.js";
import type { Resource } from "@pulumi/pulumi";
import type { BucketProperties } from "../../plan/types.ts";
import type { Component } from "../component.ts";
import type { ResourceArguments, ResourceType } from "../resource-classes.ts";

/** How long what was deleted or overwritten can still be had back. */
const NONCURRENT_DAYS = 30;
const ABORT_UPLOAD_DAYS = 7;

export interface PrivateBucket {
	bucket: Bucket;
	/** The last thing that makes it private: whatever writes to it waits for that. */
	guard: Resource;
}

/** A private bucket: nobody else's objects, no plain HTTP, encrypted, versioned, with the plan's expiries. */
export function makeBucket(
	owner: Component,
	id: string,
	name: string,
	{ expirations }: BucketProperties,
): PrivateBucket {
	const { protect } = owner.settings;
	const bucket = owner.make({
		type: "aws:s3/bucket:Bucket",
		id,
		name: `--${id}`,
		args: { bucket: name, forceDestroy: !protect, tags: owner.tags() },
		options: owner.dataOptions,
	});
	const part = <Type extends ResourceType>(
		type: Type,
		ending: string,
		args: ResourceArguments<Type>,
		dependsOn: Resource[] = [],
		// Where the bucket outlives its stack, so does what makes it private.
	) => owner.make({ type, id, name: `--${id}-${ending}`, args, options: { dependsOn, retainOnDelete: protect } });

	const access = part("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "access", {
		bucket: bucket.bucket,
		blockPublicAcls: true,
		blockPublicPolicy: true,
		ignorePublicAcls: true,
		restrictPublicBuckets: true,
	});
	const ownership = part("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "ownership", {
		bucket: bucket.bucket,
		rule: { objectOwnership: "BucketOwnerEnforced" },
	});
	const encryption = part(
		"aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
		"encryption",
		{ bucket: bucket.bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
	);
	const versioning = part("aws:s3/bucketVersioning:BucketVersioning", "versioning", {
		bucket: bucket.bucket,
		versioningConfiguration: { status: "Enabled" },
	});
	// Last, so that one resource stands for all of them.
	const policy = part(
		"aws:s3/bucketPolicy:BucketPolicy",
		"policy",
		{ bucket: bucket.bucket, policy: tlsOnly(`arn:${owner.settings.partition}:s3:::${name}`) },
		[access, ownership, encryption, versioning],
	);
	// Rules for versions that do not count as such yet would be refused.
	part(
		"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
		"lifecycle",
		{ bucket: bucket.bucket, rules: lifecycle(expirations) },
		[versioning],
	);
	return { bucket, guard: policy };
}

/** Refuses everybody, the account's own included, who does not come over TLS 1.2 or later. */
function tlsOnly(arn: string): string {
	const deny = (sid: string, condition: object) => ({
		Sid: sid,
		Effect: "Deny",
		Principal: "*",
		Action: "s3:*",
		Resource: [arn, `${arn}/*`],
		Condition: condition,
	});
	return JSON.stringify({
		Version: "2012-10-17",
		Statement: [
			deny("TlsOnly", { Bool: { "aws:SecureTransport": "false" } }),
			deny("Tls12", { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
		],
	});
}

function lifecycle(expirations: BucketProperties["expirations"]) {
	return [
		{
			id: "tidy",
			status: "Enabled",
			filter: {},
			abortIncompleteMultipartUpload: { daysAfterInitiation: ABORT_UPLOAD_DAYS },
			expiration: { expiredObjectDeleteMarker: true },
			noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
		},
		...expirations.map(({ prefix, days }) => ({
			id: `expire-${prefix.replace(/\/$/, "")}`,
			status: "Enabled",
			filter: { prefix },
			expiration: { days },
		})),
	];
}
