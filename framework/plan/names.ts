import { createHash } from "node:crypto";

/** What every name begins with, so that permissions can be scoped by it. */
const PREFIX = "tributary";

/** Longest physical names. DynamoDB, Kinesis, Lambda and S3 API references. */
export const NAME_LIMITS = { table: 255, stream: 128, consumer: 128, function: 64, bucket: 63 } as const;

/** Buckets are unique in the whole world: their names end in account and region, bound later. */
const BUCKET_SUFFIX = "-${accountId}-${region}";
/** Characters of the suffix once bound: an account id has 12, the longest region name (`ap-southeast-2`) 14. */
const BUCKET_SUFFIX_LENGTH = 2 + 12 + 14;

/** Hexadecimal digits that tell names apart which were cut to the same text: 4 thousand million of them. */
const HASH_DIGITS = 8;

/**
 * `tributary_<environment>_<part>_<part>`, cut to the limit with a hash when it is longer. Pipelines and consumers have no
 * underscore in their names, so that `a` with `b-c` and `a-b` with `c` never meet.
 */
export function nameOf(
	type: Exclude<keyof typeof NAME_LIMITS, "bucket">,
	environment: string,
	...parts: string[]
): string {
	return shorten([PREFIX, environment, ...parts].join("_"), NAME_LIMITS[type]);
}

/** The state table's name: an empty part, which no pipeline's name is. */
export function stateTableName(environment: string): string {
	return nameOf("table", environment, "", "state");
}

/** `tributary-<environment>-<id>-<account>-<region>`: buckets allow neither capitals nor underscores (S3 user guide, naming rules). */
export function bucketName(environment: string, id: string): string {
	const name = [PREFIX, environment, id].join("-");
	const allowed = name.toLowerCase().replace(/[^a-z0-9-]/g, "-");
	const limit = NAME_LIMITS.bucket - BUCKET_SUFFIX_LENGTH;
	const short = allowed === name ? shorten(name, limit) : withHash(allowed, name, limit);
	return short + BUCKET_SUFFIX;
}

function shorten(name: string, limit: number): string {
	return name.length <= limit ? name : withHash(name, name, limit);
}

function withHash(text: string, identity: string, limit: number): string {
	const hash = createHash("sha256").update(identity).digest("hex").slice(0, HASH_DIGITS);
	return `${text.slice(0, limit - HASH_DIGITS - 1)}-${hash}`;
}
