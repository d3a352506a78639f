import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
	DescribeStreamCommand,
	DynamoDBStreamsClient,
	GetRecordsCommand,
	GetShardIteratorCommand,
	type _Record as StreamsRecord,
} from "@aws-sdk/client-dynamodb-streams";
import type { StreamRecord } from "../../contract/dynamodb.ts";
import type { Clock } from "../clock.ts";
import { LOCAL_CLIENT } from "../local-client.ts";
import { startServer } from "../server.ts";
import type { ShardedSource } from "../source.ts";
import { startDynamoDb } from "./start.ts";

export interface TestDynamoDb {
	port: number;
	client: DynamoDBClient;
	streams: DynamoDBStreamsClient;
	source: ShardedSource;
	stop(): Promise<void>;
}

/** The embedded DynamoDB behind a port, with clients as any program has them. */
export async function startForTest(options: {
	clock: Clock;
	dataDir?: string;
	shardCount?: number;
}): Promise<TestDynamoDb> {
	const running = await startDynamoDb({ dataDir: null, region: "eu-west-1", accountId: "123456789012", ...options });
	const server = await startServer({ port: 0, route: () => running.service });
	const configuration = { ...LOCAL_CLIENT, endpoint: server.url, region: "eu-west-1", maxAttempts: 1 };
	const client = new DynamoDBClient(configuration);
	const streams = new DynamoDBStreamsClient(configuration);
	return {
		port: server.port,
		client,
		streams,
		source: running.source,
		async stop() {
			client.destroy();
			streams.destroy();
			await server.close();
			await running.close();
		},
	};
}

/** Every record of a stream as the mappings read it. */
export function readAll(source: ShardedSource, arn: string): StreamRecord[] {
	return source
		.shards(arn)
		.flatMap(({ id }) => source.read(arn, id, { type: "TRIM_HORIZON" }, 100_000).records)
		.map(({ json }) => JSON.parse(json));
}

/** Every record of a stream by the API, page by page. */
export async function readByApi(client: DynamoDBStreamsClient, StreamArn: string, Limit: number) {
	const records: StreamsRecord[] = [];
	const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
	for (const { ShardId } of StreamDescription?.Shards ?? []) {
		const { ShardIterator } = await client.send(
			new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
		);
		for (let next = ShardIterator; next; ) {
			const page = await client.send(new GetRecordsCommand({ ShardIterator: next, Limit }));
			records.push(...(page.Records ?? []));
			next = page.Records?.length ? page.NextShardIterator : undefined;
		}
	}
	return records;
}
