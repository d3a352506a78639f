import type { PipelinePlan, PlannedFunction } from "../../framework/plan/types.ts";
import type { Request } from "./iam.ts";
import { arn, PLACE } from "./requests.ts";

const UUID = "6b2f1d0c-7b2e-4f7d-9a7e-2f1c0a9b8d7e";

/** ARNs that AWS completes when it makes a resource. */
export function madeArn(pipeline: PipelinePlan, id: string): string {
	const resource = pipeline.resources.find((each) => each.id === id);
	if (resource?.type === "AWS::DynamoDB::Table")
		return arn("dynamodb", `table/${resource.name}/stream/2026-11-24T00:00:00.000`);
	if (resource?.type !== "AWS::Kinesis::StreamConsumer") throw new Error(`${id} is nothing that a mapping reads`);
	const stream = pipeline.resources.find((each) => each.id === resource.properties.stream);
	return arn("kinesis", `stream/${stream?.name}/consumer/${resource.name}:1795512600`);
}

/** A key may be named by its alias; IAM is asked about its ARN. */
export const keyArn = (key: string): string => (key.startsWith("arn:") ? key : arn("kms", `key/of-${key}`));

/**
 * What Lambda does with a function's role, beside running its code. Sources: Lambda developer guide, "Using AWS Lambda with
 * Amazon DynamoDB: Execution role permissions" and "… Kinesis: …" (the managed policies AWSLambdaDynamoDBExecutionRole and
 * AWSLambdaKinesisExecutionRole); "Sending discarded batches to Amazon S3" (PutObject, ListBucket, the key's layout);
 * "Sending function logs to CloudWatch Logs"; DynamoDB developer guide, "Encryption at rest: usage notes" (a customer key
 * encrypts the stream as well).
 */
export function mappingRequests(pipeline: PipelinePlan, planned: PlannedFunction): Request[] {
	const { bucket } = planned.mapping.onFailure;
	const ours = { "s3:ResourceAccount": [PLACE.accountId] };
	const dump = `aws/lambda/${UUID}/shardId-000000000000/2026/11/24/2026-11-24T09.30.00-${UUID}`;
	const log = arn("logs", `log-group:/aws/lambda/${planned.name}:log-stream:2026/11/24/[$LATEST]0123456789abcdef`);
	return [
		...sourceRequests(pipeline, planned),
		{ action: "s3:PutObject", resource: `arn:aws:s3:::${bucket}/${dump}`, context: ours },
		{ action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}`, context: ours },
		...["logs:CreateLogStream", "logs:PutLogEvents"].map((action) => ({ action, resource: log, context: {} })),
	];
}

interface Keys {
	secrets?: { kmsKey?: string };
	consumers: { name: string; with?: { kmsKey?: string } }[];
}

/**
 * What AWS's stores ask a customer's key in a function's name, by the definition as its author wrote it. Sources: Secrets Manager user guide,
 * "Secret encryption and decryption"; Systems Manager user guide, "How Parameter Store uses KMS"; S3 user guide, "Using
 * server-side encryption with AWS KMS keys: Permissions".
 */
export function keyRequests(planned: PlannedFunction, { secrets, consumers }: Keys): Request[] {
	const served = consumers.filter(({ name }) => planned.consumers.includes(name));
	const ofSecrets = planned.secrets.length > 0 ? secrets?.kmsKey : undefined;
	const on = (action: string, key: string): Request => ({ action, resource: keyArn(key), context: {} });
	return [
		...(ofSecrets === undefined ? [] : [on("kms:Decrypt", ofSecrets)]),
		...served.flatMap(({ with: settings }) =>
			settings?.kmsKey === undefined ? [] : [on("kms:GenerateDataKey", settings.kmsKey)],
		),
	];
}

function sourceRequests(pipeline: PipelinePlan, { source }: PlannedFunction): Request[] {
	const on = (resource: string, actions: string[]): Request[] =>
		actions.map((action) => ({ action, resource, context: {} }));
	if (source.type === "dynamodb") {
		const table = pipeline.resources.find(({ id }) => id === source.resource);
		const key = table?.type === "AWS::DynamoDB::Table" ? table.properties.kmsKey : null;
		return [
			...on(
				madeArn(pipeline, source.resource),
				["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((name) => `dynamodb:${name}`),
			),
			...(key === null ? [] : on(keyArn(key), ["kms:Decrypt"])),
		];
	}
	const stream = pipeline.resources.find(({ type }) => type === "AWS::Kinesis::Stream");
	const reads = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
	return [
		...on(
			arn("kinesis", `stream/${stream?.name}`),
			reads.map((name) => `kinesis:${name}`),
		),
		...(source.resource === "fan-out" ? [] : on(madeArn(pipeline, source.resource), ["kinesis:SubscribeToShard"])),
	];
}
