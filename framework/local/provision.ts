import {
	type AttributeDefinition,
	CreateTableCommand,
	DescribeTableCommand,
	DescribeTimeToLiveCommand,
	type DynamoDBClient,
	type KeySchemaElement,
	type TableDescription,
	UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import type { PlannedResource, StreamProperties, TableProperties } from "../plan/types.ts";
import type { Clients } from "./clients.ts";
import { EngineError } from "./engine-error.ts";

/** A table and its pipeline's stream share one physical name: the type tells them apart. */
export function streamKey({ type, name }: Pick<PlannedResource, "type" | "name">): string {
	return `${type} ${name}`;
}

/** Stream ARNs by physical name; a table and a Kinesis stream may share a name. */
export interface StreamArns {
	dynamodb: Map<string, string>;
	kinesis: Map<string, string>;
}

/** Makes what a plan asks for, as any client of the endpoint would; what is there already stays, with its data. Names are bound. */
export async function provision(clients: Clients, resources: readonly PlannedResource[]): Promise<StreamArns> {
	const arns: StreamArns = { dynamodb: new Map(), kinesis: new Map() };
	for (const resource of resources) {
		if (resource.type === "AWS::DynamoDB::Table") {
			const arn = await ensureTable(clients.dynamodb, resource.name, resource.properties);
			if (arn !== null) arns.dynamodb.set(resource.name, arn);
		} else if (resource.type === "AWS::Kinesis::Stream")
			arns.kinesis.set(resource.name, await ensureStream(clients.kinesis, resource.name, resource.properties));
		else if (resource.type === "AWS::S3::Bucket") await ensureBucket(clients.s3, resource.name);
		// An enhanced fan-out consumer is a pace of its own on AWS; here every reader is pushed to.
	}
	return arns;
}

async function ensureTable(client: DynamoDBClient, name: string, wanted: TableProperties): Promise<string | null> {
	const existing = await unlessMissing(client.send(new DescribeTableCommand({ TableName: name })));
	if (existing?.Table) checkTable(name, wanted, existing.Table);
	else await client.send(new CreateTableCommand(tableInput(name, wanted)));
	await ensureTtl(client, name, wanted.ttl);
	const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
	return Table?.LatestStreamArn ?? null;
}

function tableInput(name: string, { keys, viewType }: TableProperties) {
	return {
		TableName: name,
		...keySchema(keys),
		// Local capacity has no limits and no price, whatever the plan's billing is.
		BillingMode: "PAY_PER_REQUEST" as const,
		...(viewType && { StreamSpecification: { StreamEnabled: true, StreamViewType: viewType } }),
	};
}

function keySchema(keys: TableProperties["keys"]): {
	KeySchema: KeySchemaElement[];
	AttributeDefinitions: AttributeDefinition[];
} {
	const attributes = keys.sort ? [keys.partition, keys.sort] : [keys.partition];
	return {
		KeySchema: attributes.map(({ name }, index) => ({
			AttributeName: name,
			KeyType: index === 0 ? "HASH" : "RANGE",
		})),
		AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
	};
}

/** Keys never change in place (DynamoDB: they need another table), nor does the view of a stream. */
function checkTable(name: string, wanted: TableProperties, existing: TableDescription): void {
	const { KeySchema, AttributeDefinitions } = keySchema(wanted.keys);
	const describe = (schema: KeySchemaElement[] = [], attributes: AttributeDefinition[] = []): string =>
		schema
			.map(({ AttributeName: key }) => `${key} (${attributes.find((a) => a.AttributeName === key)?.AttributeType})`)
			.join(", ");
	const differs = (what: string, has: string, asks: string): never => {
		throw new EngineError(
			`Table ${name} exists in this data folder with the ${what} ${has}; the definition asks for ${asks}. ` +
				"A table cannot change that in place: run again with --fresh to start empty, or with another --data folder.",
		);
	};
	const [has, asks] = [
		describe(existing.KeySchema, existing.AttributeDefinitions),
		describe(KeySchema, AttributeDefinitions),
	];
	if (has !== asks) differs("keys", has, asks);
	const view = existing.StreamSpecification?.StreamViewType ?? null;
	if (view !== wanted.viewType) differs("view type", view ?? "none", wanted.viewType ?? "none");
}

async function ensureTtl(client: DynamoDBClient, name: string, attribute: string | null): Promise<void> {
	const { TimeToLiveDescription: now } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
	const current = now?.TimeToLiveStatus === "ENABLED" ? (now.AttributeName ?? null) : null;
	if (current === attribute) return;
	const set = (AttributeName: string, Enabled: boolean) =>
		client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName, Enabled } }));
	if (current !== null) await set(current, false);
	if (attribute !== null) await set(attribute, true);
}

async function ensureStream(client: KinesisClient, name: string, { capacity }: StreamProperties): Promise<string> {
	const describe = () => client.send(new DescribeStreamSummaryCommand({ StreamName: name }));
	if (!(await unlessMissing(describe())))
		await client.send(
			new CreateStreamCommand({
				StreamName: name,
				...(capacity.mode === "provisioned"
					? { ShardCount: capacity.shards, StreamModeDetails: { StreamMode: "PROVISIONED" as const } }
					: { StreamModeDetails: { StreamMode: "ON_DEMAND" as const } }),
			}),
		);
	const { StreamDescriptionSummary: stream } = await describe();
	if (!stream?.StreamARN) throw new Error(`stream ${name} has no ARN`);
	if (capacity.mode === "provisioned" && stream.OpenShardCount !== capacity.shards)
		throw new EngineError(
			`Stream ${name} exists in this data folder with ${stream.OpenShardCount} shards; the definition asks for ${capacity.shards}. ` +
				"Run again with --fresh to start empty, or with another --data folder.",
		);
	return stream.StreamARN;
}

async function ensureBucket(client: S3Client, name: string): Promise<void> {
	if (await unlessMissing(client.send(new HeadBucketCommand({ Bucket: name })))) return;
	await client.send(new CreateBucketCommand({ Bucket: name }));
}

const MISSING = new Set(["ResourceNotFoundException", "NotFound", "NoSuchBucket"]);

async function unlessMissing<T>(answer: Promise<T>): Promise<T | null> {
	try {
		return await answer;
	} catch (error) {
		if (MISSING.has((error as Error).name)) return null;
		throw error;
	}
}
