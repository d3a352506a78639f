import {
	BatchWriteItemCommand,
	CreateTableCommand,
	DeleteItemCommand,
	GetItemCommand,
	PutItemCommand,
	TransactWriteItemsCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, expect, test } from "vitest";
import type { StreamRecord, ViewType } from "../../contract/dynamodb.ts";
import { fakeClock } from "../../testing/fake-clock.ts";
import { readAll, startForTest, type TestDynamoDb } from "./start-for-test.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

let db: TestDynamoDb;
afterEach(() => db.stop());

async function createTable(viewType: ViewType = "NEW_AND_OLD_IMAGES", shardCount = 1): Promise<string> {
	db = await startForTest({ clock: fakeClock(NOW), shardCount });
	const { TableDescription } = await db.client.send(
		new CreateTableCommand({
			TableName: "orders",
			BillingMode: "PAY_PER_REQUEST",
			KeySchema: [
				{ AttributeName: "pk", KeyType: "HASH" },
				{ AttributeName: "sk", KeyType: "RANGE" },
			],
			AttributeDefinitions: [
				{ AttributeName: "pk", AttributeType: "S" },
				{ AttributeName: "sk", AttributeType: "N" },
			],
			StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
		}),
	);
	return TableDescription?.LatestStreamArn ?? "";
}

const key = (pk: string) => ({ pk: { S: pk }, sk: { N: "1" } });
const add = (pk: string) =>
	new UpdateItemCommand({
		TableName: "orders",
		Key: key(pk),
		UpdateExpression: "ADD c :one",
		ExpressionAttributeValues: { ":one": { N: "1" } },
	});

test("a record is what Lambda hands on", async () => {
	const arn = await createTable();
	await db.client.send(new PutItemCommand({ TableName: "orders", Item: { ...key("a"), name: { S: "é" } } }));
	await db.client.send(new DeleteItemCommand({ TableName: "orders", Key: key("a") }));
	const [insert, remove] = readAll(db.source, arn);
	expect(insert).toEqual({
		eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
		eventName: "INSERT",
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: "eu-west-1",
		dynamodb: {
			ApproximateCreationDateTime: Math.floor(NOW / 1000),
			Keys: key("a"),
			NewImage: { ...key("a"), name: { S: "é" } },
			SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
			// Keys twice, 7 bytes each; 4 + 2 bytes of UTF-8.
			SizeBytes: 20,
			StreamViewType: "NEW_AND_OLD_IMAGES",
		},
		eventSourceARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-02T03:04:05.678",
	});
	expect(remove?.eventName).toBe("REMOVE");
	expect(remove?.dynamodb.NewImage).toBeUndefined();
	expect(remove?.userIdentity).toBeUndefined();
});

test.each([
	["KEYS_ONLY", false, false, 7],
	["NEW_IMAGE", true, false, 16],
	["OLD_IMAGE", false, true, 16],
	["NEW_AND_OLD_IMAGES", true, true, 25],
] as const)("%s holds its images and their size", async (viewType, hasNew, hasOld, sizeBytes) => {
	const arn = await createTable(viewType);
	for (const v of ["1", "2"])
		await db.client.send(new PutItemCommand({ TableName: "orders", Item: { ...key("a"), v: { BOOL: v === "1" } } }));
	const modify = readAll(db.source, arn)[1]?.dynamodb;
	expect(modify?.NewImage?.v).toEqual(hasNew ? { BOOL: false } : undefined);
	expect(modify?.OldImage?.v).toEqual(hasOld ? { BOOL: true } : undefined);
	expect(modify?.SizeBytes).toBe(sizeBytes);
});

test("writes that change nothing leave no record", async () => {
	const arn = await createTable();
	const put = (...tags: string[]) =>
		db.client.send(
			new PutItemCommand({ TableName: "orders", Item: { ...key("a"), n: { N: "1" }, tags: { SS: tags } } }),
		);
	await put("x", "y");
	await put("y", "x");
	await db.client.send(new DeleteItemCommand({ TableName: "orders", Key: key("missing") }));
	await db.client.send(
		new UpdateItemCommand({
			TableName: "orders",
			Key: key("a"),
			UpdateExpression: "SET n = :same",
			ExpressionAttributeValues: { ":same": { N: "1.0" } },
		}),
	);
	expect(readAll(db.source, arn).map(({ eventName }) => eventName)).toEqual(["INSERT"]);
});

test("concurrent writes keep the chain of each item", async () => {
	const arn = await createTable("NEW_AND_OLD_IMAGES", 3);
	const names = ["a", "b", "c", "d", "e", "f", "g"];
	await Promise.all(
		Array.from({ length: 400 }, (_, index) => {
			const name = names[index % names.length] ?? "";
			if (index % 10 === 9) return db.client.send(new DeleteItemCommand({ TableName: "orders", Key: key(name) }));
			if (index % 10 === 8)
				return db.client.send(
					new TransactWriteItemsCommand({
						TransactItems: names.slice(0, 3).map((each) => ({ Update: add(each).input as never })),
					}),
				);
			return db.client.send(add(name));
		}),
	);
	expect(db.source.shards(arn)).toHaveLength(3);
	for (const { id } of db.source.shards(arn)) expectRising(readShard(arn, id));
	for (const name of names) {
		const { Item } = await db.client.send(new GetItemCommand({ TableName: "orders", Key: key(name) }));
		expect(followChain(readAll(db.source, arn), name)).toEqual(Item?.c?.N);
	}
});

function readShard(arn: string, id: string): StreamRecord[] {
	return db.source.read(arn, id, { type: "TRIM_HORIZON" }, 1000).records.map(({ json }) => JSON.parse(json));
}

function expectRising(records: StreamRecord[]): void {
	const numbers = records.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber ?? 0));
	expect(numbers.every((each, index) => index === 0 || each > (numbers[index - 1] ?? 0n))).toBe(true);
}

/** The count after the last record; each record must begin where the one before it ended. */
function followChain(records: StreamRecord[], name: string): unknown {
	let last: unknown;
	for (const { dynamodb } of records) {
		if (JSON.stringify(dynamodb.Keys.pk) !== JSON.stringify({ S: name })) continue;
		expect((dynamodb.OldImage?.c as { N: string } | undefined)?.N).toEqual(last);
		last = (dynamodb.NewImage?.c as { N: string } | undefined)?.N;
	}
	return last;
}

test("a batch of writes has a record for each", async () => {
	const arn = await createTable();
	await db.client.send(new PutItemCommand({ TableName: "orders", Item: key("gone") }));
	await db.client.send(
		new BatchWriteItemCommand({
			RequestItems: {
				orders: [
					{ PutRequest: { Item: key("a") } },
					{ PutRequest: { Item: key("b") } },
					{ DeleteRequest: { Key: key("gone") } },
				],
			},
		}),
	);
	const names = readAll(db.source, arn).map(({ eventName }) => eventName);
	expect(names.sort()).toEqual(["INSERT", "INSERT", "INSERT", "REMOVE"]);
});

test("a watcher is told, and a failed condition tells the item", async () => {
	const arn = await createTable();
	const told = new Promise<void>((resolve) => db.source.watch(arn, resolve));
	await db.client.send(new PutItemCommand({ TableName: "orders", Item: key("a") }));
	await told;
	const refused = db.client.send(
		new PutItemCommand({
			TableName: "orders",
			Item: key("a"),
			ConditionExpression: "attribute_not_exists(pk)",
			ReturnValuesOnConditionCheckFailure: "ALL_OLD",
		}),
	);
	await expect(refused).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: key("a") });
	expect(readAll(db.source, arn)).toHaveLength(1);
});
