import {
	DescribeStreamCommand,
	type DynamoDBStreamsClient,
	GetRecordsCommand,
	GetShardIteratorCommand,
	type Shard,
} from "@aws-sdk/client-dynamodb-streams";
import type { Witnessed } from "./witness.ts";

/** Empty answers after which an open shard counts as read: DynamoDB answers nothing now and then in its middle. */
const EMPTY_ANSWERS = 10;

/** Every record that a table's stream still has, shard by shard, in pages. */
export async function* readStream(client: DynamoDBStreamsClient, streamArn: string): AsyncGenerator<Witnessed[]> {
	for await (const shard of listShards(client, streamArn)) yield* readShard(client, streamArn, shard);
}

async function* listShards(client: DynamoDBStreamsClient, StreamArn: string): AsyncGenerator<Shard> {
	let from: string | undefined;
	do {
		const start = from === undefined ? {} : { ExclusiveStartShardId: from };
		const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn, ...start }));
		yield* StreamDescription?.Shards ?? [];
		from = StreamDescription?.LastEvaluatedShardId;
	} while (from !== undefined);
}

async function* readShard(
	client: DynamoDBStreamsClient,
	StreamArn: string,
	{ ShardId }: Shard,
): AsyncGenerator<Witnessed[]> {
	const start = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
	let iterator = (await client.send(start)).ShardIterator;
	for (let empty = 0; iterator !== undefined && empty < EMPTY_ANSWERS; ) {
		const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
		const records = (answer.Records ?? []).map(({ eventID = "", dynamodb }) => ({
			eventID,
			time: Math.floor((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
		}));
		empty = records.length === 0 ? empty + 1 : 0;
		if (records.length > 0) yield records;
		iterator = answer.NextShardIterator;
	}
}
