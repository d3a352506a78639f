import {
	type _Record,
	DescribeStreamCommand,
	type DynamoDBStreamsClient,
	GetRecordsCommand,
	type GetRecordsCommandOutput,
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

/** Beginnings of a shard after its records, or an iterator, grew too old under the reading. */
const BEGINNINGS = 5;

async function* readShard(
	client: DynamoDBStreamsClient,
	StreamArn: string,
	{ ShardId }: Shard,
): AsyncGenerator<Witnessed[]> {
	let last: string | undefined;
	const begin = async (): Promise<string | undefined> => {
		const of = { StreamArn, ShardId };
		const horizon = new GetShardIteratorCommand({ ...of, ShardIteratorType: "TRIM_HORIZON" });
		if (last === undefined) return (await client.send(horizon)).ShardIterator;
		const after = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: last } as const;
		const answer = await client.send(new GetShardIteratorCommand({ ...of, ...after })).catch((error) => {
			// What was read last is gone by now: all that is left came after it.
			if (!isTooOld(error)) throw error;
			return client.send(horizon);
		});
		return answer.ShardIterator;
	};
	let iterator = await begin();
	let beginnings = 1;
	for (let empty = 0; iterator !== undefined && empty < EMPTY_ANSWERS; ) {
		const answer: GetRecordsCommandOutput | null = await client
			.send(new GetRecordsCommand({ ShardIterator: iterator }))
			.catch((error) => {
				if (!isTooOld(error) || beginnings++ === BEGINNINGS) throw error;
				return null;
			});
		const records = answer?.Records ?? [];
		last = records.at(-1)?.dynamodb?.SequenceNumber ?? last;
		empty = records.length === 0 ? empty + 1 : 0;
		if (records.length > 0) yield records.map(describe);
		iterator = answer ? answer.NextShardIterator : await begin();
	}
}

const TOO_OLD: ReadonlySet<string> = new Set(["TrimmedDataAccessException", "ExpiredIteratorException"]);
const isTooOld = (error: Error): boolean => TOO_OLD.has(error.name);

function describe({ eventID = "", dynamodb }: _Record): Witnessed {
	return { eventID, time: Math.floor((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000) };
}
