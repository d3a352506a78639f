import {
	CreateTableCommand,
	type CreateTableCommandInput,
	DescribeTableCommand,
	UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
	CreateStreamCommand,
	DescribeStreamSummaryCommand,
	IncreaseStreamRetentionPeriodCommand,
} from "@aws-sdk/client-kinesis";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { Clients } from "../../../local/clients.ts";
import type { GraphResource } from "../graph.ts";
import { takeInputs } from "./take-inputs.ts";

/** ARNs as the graph has them -> as they are. */
export type Arns = Map<string, string>;

/** Hours for which a new stream keeps its records (Kinesis API reference, CreateStream). */
const NEW_RETENTION = 24;

export async function makeTable(resource: GraphResource, { dynamodb }: Clients, arns: Arns): Promise<void> {
	const inputs = takeInputs(resource);
	const TableName = inputs.text("name");
	await dynamodb.send(
		new CreateTableCommand({ TableName, ...tableKeys(inputs), ...tableStream(inputs), ...billing(inputs) }),
	);
	const ttl = inputs.optional<{ attributeName: string; enabled: boolean }>("ttl");
	if (ttl?.enabled) {
		const TimeToLiveSpecification = { AttributeName: ttl.attributeName, Enabled: true };
		await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
	}
	inputs.rest([
		// Guards, backups, prices: nothing that moves a record.
		...["deletionProtectionEnabled", "pointInTimeRecovery", "tableClass", "serverSideEncryption", "tags"],
	]);
	const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
	learn(arns, resource, "arn", Table?.TableArn);
	learn(arns, resource, "streamArn", Table?.LatestStreamArn);
}

type TableInputs = ReturnType<typeof takeInputs>;

function tableKeys(inputs: TableInputs): Pick<CreateTableCommandInput, "KeySchema" | "AttributeDefinitions"> {
	const range = inputs.optional<string>("rangeKey");
	const attributes = inputs.optional<{ name: string; type: string }[]>("attributes") ?? [];
	return {
		KeySchema: [
			{ AttributeName: inputs.text("hashKey"), KeyType: "HASH" },
			...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
		],
		AttributeDefinitions: attributes.map(({ name, type }) => ({
			AttributeName: name,
			AttributeType: type as "S" | "N" | "B",
		})),
	};
}

function tableStream(inputs: TableInputs): Pick<CreateTableCommandInput, "StreamSpecification"> {
	const view = inputs.optional<string>("streamViewType");
	if (!inputs.optional<boolean>("streamEnabled")) return {};
	return { StreamSpecification: { StreamEnabled: true, StreamViewType: view as "NEW_IMAGE" } };
}

function billing(inputs: TableInputs): Pick<CreateTableCommandInput, "BillingMode" | "ProvisionedThroughput"> {
	const [read, write] = [inputs.optional<number>("readCapacity"), inputs.optional<number>("writeCapacity")];
	inputs.optional("onDemandThroughput");
	// The provider's default, as AWS's own, is provisioned.
	if (inputs.optional<string>("billingMode") === "PAY_PER_REQUEST") return { BillingMode: "PAY_PER_REQUEST" };
	return { BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write } };
}

export async function makeStream(resource: GraphResource, { kinesis }: Clients, arns: Arns): Promise<void> {
	const inputs = takeInputs(resource);
	const StreamName = inputs.text("name");
	const mode = inputs.optional<{ streamMode: string }>("streamModeDetails");
	const ShardCount = inputs.optional<number>("shardCount");
	const hours = inputs.optional<number>("retentionPeriod") ?? NEW_RETENTION;
	inputs.rest(["encryptionType", "kmsKeyId", "enforceConsumerDeletion", "tags"]);
	await kinesis.send(
		new CreateStreamCommand({
			StreamName,
			...(ShardCount !== undefined && { ShardCount }),
			...(mode && { StreamModeDetails: { StreamMode: mode.streamMode as "PROVISIONED" } }),
		}),
	);
	if (hours > NEW_RETENTION)
		await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: hours }));
	const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
	learn(arns, resource, "arn", StreamDescriptionSummary?.StreamARN);
}

/** On AWS a pace of its own; here every reader of a stream is pushed to, so the consumer is the stream. */
export function makeStreamConsumer(resource: GraphResource, arns: Arns): void {
	const inputs = takeInputs(resource);
	inputs.text("name");
	learn(arns, resource, "arn", arns.get(inputs.text("streamArn")));
	inputs.rest([]);
}

export async function makeBucket(resource: GraphResource, { s3 }: Clients): Promise<void> {
	const inputs = takeInputs(resource);
	const Bucket = inputs.text("bucket");
	inputs.rest(["forceDestroy", "tags"]);
	await s3.send(new CreateBucketCommand({ Bucket }));
}

function learn(arns: Arns, { outputs }: GraphResource, output: string, real: string | undefined): void {
	const imagined = outputs[output];
	if (typeof imagined === "string" && real !== undefined) arns.set(imagined, real);
}
