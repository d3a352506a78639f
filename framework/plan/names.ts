import { createHash } from "node:crypto";

/**
 * Longest names. Lambda API reference, CreateFunction (without the ARN); DynamoDB API reference, CreateTable;
 * Kinesis Data Streams API reference, CreateStream and RegisterStreamConsumer; S3 user guide, "Bucket naming rules".
 */
export const NAME_LIMITS = { function: 64, table: 255, stream: 128, bucket: 63 } as const;

/** Characters that the tokens of a bucket's name stand for: an account's number and a long region, `ap-southeast-2`. */
export const TOKEN_LENGTHS = { "${accountId}": 12, "${region}": 14 } as const;

const HASH_LENGTH = 10;

/** Physical name of a function: `tributary-<environment>-<pipeline>--<function>`. */
export function functionName(environment: string, pipeline: string, id: string): string {
	return composeName({ environment, pipeline, part: id }, NAME_LIMITS.function);
}

/** Physical name of a pipeline's table: `tributary-<environment>-<pipeline>`. */
export function tableName(environment: string, pipeline: string): string {
	return composeName({ environment, pipeline }, NAME_LIMITS.table);
}

/** Physical name of the environment's state table: `tributary-<environment>--state`. */
export function stateTableName(environment: string): string {
	return composeName({ environment, part: "state" }, NAME_LIMITS.table);
}

/** Physical name of a pipeline's Kinesis stream: `tributary-<environment>-<pipeline>`. */
export function streamName(environment: string, pipeline: string): string {
	return composeName({ environment, pipeline }, NAME_LIMITS.stream);
}

/** Physical name of an enhanced fan-out consumer: `tributary-<environment>-<pipeline>--<consumer>`. */
export function streamConsumerName(environment: string, pipeline: string, consumer: string): string {
	return composeName({ environment, pipeline, part: consumer }, NAME_LIMITS.stream);
}

/** Physical name of a bucket: `tributary-<environment>-<id>-${accountId}-${region}`, since buckets are named worldwide. */
export function bucketName(environment: string, id: string): string {
	const tokens = Object.values(TOKEN_LENGTHS).reduce((sum, length) => sum + length + 1, 0);
	const stem = composeName({ environment, pipeline: id }, NAME_LIMITS.bucket - tokens);
	return [stem, ...Object.keys(TOKEN_LENGTHS)].join("-");
}

interface NameParts {
	environment: string;
	pipeline?: string;
	part?: string;
}

/**
 * The one law of names. Pipelines and parts are words joined by single hyphens that begin with a letter, so two hyphens
 * before a part and a digit before a hash make every name readable in one way only: distinct inputs, distinct names.
 */
function composeName({ environment, pipeline, part }: NameParts, limit: number): string {
	const stem = ["tributary", slug(environment), ...(pipeline === undefined ? [] : [pipeline])].join("-");
	const name = part === undefined ? stem : `${stem}--${part}`;
	// Of several words, where the environment ends and the pipeline begins could be read in two ways.
	if (/^[a-z0-9]+$/.test(environment) && name.length <= limit) return name;
	const identity = JSON.stringify([environment, pipeline ?? null, part ?? null]);
	const ending = `--0${createHash("sha256").update(identity).digest("hex").slice(0, HASH_LENGTH)}`;
	return `${name.slice(0, limit - ending.length).replace(/-+$/, "")}${ending}`;
}

/** Pulumi takes stacks in capitals, with points and underscores; S3 takes none of them. */
function slug(environment: string): string {
	return environment
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-|-$/g, "");
}
