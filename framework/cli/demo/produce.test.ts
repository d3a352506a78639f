import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";
import { produce } from "./produce.ts";
import { tellStories } from "./stories.ts";

async function timesAt(rate: number | null): Promise<number[]> {
	const times: number[] = [];
	const client = { send: async () => ({}) } as unknown as DynamoDBClient;
	const until = async (time: number): Promise<void> => void times.push(time);
	const producer = { client, table: "clicks", ledger: new Ledger(), now: () => 1000, until };
	const options = { signal: new AbortController().signal, rate, progress: () => {} };
	await produce(producer, tellStories(100), options);
	expect(producer.ledger.size).toBe(100);
	return times;
}

test("at a rate, each story waits until what was written before it is due", async () => {
	// A batch of 25, six transactions of 6, two items of 2, seven sessions of 5.
	const before = [0, 25, 31, 37, 43, 49, 55, 61, 63, 65, 70, 75, 80, 85, 90, 95];
	expect(await timesAt(50)).toEqual(before.map((events) => 1000 + events * 20));
});

test("without one, nothing waits", async () => {
	expect(await timesAt(null)).toEqual([]);
});
