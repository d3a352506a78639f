import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { expect, test } from "vitest";
import { readStream } from "./stream-witness.ts";

interface Command {
	constructor: { name: string };
	input: Record<string, string | undefined>;
}

/** A stream that answers as AWS does, step by step; an error's name instead of a page is thrown. */
function streamOf(shards: Readonly<Record<string, (string[] | string)[]>>, open: readonly string[] = []) {
	const asked: string[] = [];
	const pages = new Map(Object.entries(shards).map(([id, answers]) => [id, [...answers]]));
	const send = async ({ constructor: { name }, input }: Command) => {
		const ids = Object.keys(shards);
		if (name === "DescribeStreamCommand") {
			// One shard a page.
			const at = input.ExclusiveStartShardId === undefined ? 0 : ids.indexOf(input.ExclusiveStartShardId) + 1;
			const more = at < ids.length - 1 && { LastEvaluatedShardId: ids[at] };
			return { StreamDescription: { Shards: [{ ShardId: ids[at] }], ...more } };
		}
		if (name === "GetShardIteratorCommand") {
			asked.push([input.ShardId, input.ShardIteratorType, input.SequenceNumber].filter(Boolean).join(" "));
			return { ShardIterator: input.ShardId };
		}
		const id = input.ShardIterator ?? "";
		const answer = pages.get(id)?.shift() ?? [];
		if (typeof answer === "string") throw Object.assign(new Error(answer), { name: answer });
		const Records = answer.map((eventID) => ({
			eventID,
			dynamodb: { SequenceNumber: `1${eventID}`, ApproximateCreationDateTime: new Date(5000) },
		}));
		const isAtItsEnd = pages.get(id)?.length === 0 && !open.includes(id);
		return { Records, ...(!isAtItsEnd && { NextShardIterator: id }) };
	};
	return { client: { send } as unknown as DynamoDBStreamsClient, asked };
}

async function idsOf(client: DynamoDBStreamsClient): Promise<string[]> {
	const ids: string[] = [];
	for await (const page of readStream(client, "arn"))
		for (const { eventID, time } of page) ids.push(`${eventID}@${time}`);
	return ids;
}

test("every shard to its end, over empty answers in its middle", async () => {
	const { client } = streamOf(
		{ closed: [["1"], [], [], [], ["2"]], open: [[], ["3"], [], [], [], [], [], [], ["4"]] },
		["open"],
	);
	expect(await idsOf(client)).toEqual(["1@5", "2@5", "3@5", "4@5"]);
});

test("what grew too old under the reading is left, and the reading goes on behind it", async () => {
	const { client, asked } = streamOf({
		young: ["TrimmedDataAccessException", ["1"], "ExpiredIteratorException", ["2"]],
	});
	expect(await idsOf(client)).toEqual(["1@5", "2@5"]);
	expect(asked).toEqual(["young TRIM_HORIZON", "young TRIM_HORIZON", "young AFTER_SEQUENCE_NUMBER 11"]);
});

test("a stream that cannot be read at all is an error", async () => {
	const { client } = streamOf({ old: Array.from({ length: 9 }, () => "TrimmedDataAccessException") });
	await expect(idsOf(client)).rejects.toThrow("TrimmedDataAccessException");
});
