import {
	type AttributeValue,
	BatchGetItemCommand,
	type BatchGetItemCommandOutput,
	BatchWriteItemCommand,
	type BatchWriteItemCommandOutput,
	DynamoDBClient,
	GetItemCommand,
	QueryCommand,
	type QueryCommandOutput,
	UpdateItemCommand,
	type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { ClientOf } from "../contract/deliver.ts";
import { chunksOf, eachAtOnce } from "./at-once.ts";
import { OwnError } from "./observer.ts";

export type Row = Record<string, AttributeValue>;

export type Update = Pick<
	UpdateItemCommandInput,
	"UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues" | "ExpressionAttributeNames"
>;

/** BatchGetItem takes 100 keys, BatchWriteItem 25 rows (DynamoDB API reference). */
const KEYS_A_CALL = 100;
const ROWS_A_CALL = 25;
const CALLS_AT_ONCE = 4;

/** Attempts at what a batch call left over, and the wait before the second, which doubles. */
const ATTEMPTS = 8;
const BACKOFF_MILLISECONDS = 50;

export interface TableOptions {
	client: ClientOf;
	table: string;
	sleep(milliseconds: number): Promise<void>;
}

export const keyOf = (scope: string, row: string): Row => ({ scope: { S: scope }, row: { S: row } });

/** The state table's calls. Reads are strongly consistent. */
export function openTable({ client, table, sleep }: TableOptions) {
	const dynamodb = client(DynamoDBClient);
	/** Repeats a batch call with what it left over. */
	const untilNothingIsLeft = async <Part>(parts: readonly Part[], call: (left: Part[]) => Promise<Part[]>) => {
		let left = [...parts];
		for (let attempt = 0; left.length > 0; attempt++) {
			if (attempt === ATTEMPTS) throw new OwnError(`Table ${table} left ${left.length} rows aside.`);
			if (attempt > 0) await sleep(BACKOFF_MILLISECONDS * 2 ** attempt);
			left = await call(left);
		}
	};
	return {
		async get(key: Row): Promise<Row | undefined> {
			return (await dynamodb.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
		},
		/** The rows of a scope; null if there are more than `most`. */
		async query(scope: string, most: number): Promise<Row[] | null> {
			const command = new QueryCommand({
				TableName: table,
				KeyConditionExpression: "#scope = :scope",
				ExpressionAttributeNames: { "#scope": "scope" },
				ExpressionAttributeValues: { ":scope": { S: scope } },
				ConsistentRead: true,
				Limit: most,
			});
			const { Items = [], LastEvaluatedKey }: QueryCommandOutput = await dynamodb.send(command);
			return LastEvaluatedKey ? null : Items;
		},
		async getAll(keys: readonly Row[]): Promise<Row[]> {
			const found: Row[] = [];
			await eachAtOnce(chunksOf(keys, KEYS_A_CALL), CALLS_AT_ONCE, (chunk) =>
				untilNothingIsLeft(chunk, async (Keys) => {
					const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
					const answer: BatchGetItemCommandOutput = await dynamodb.send(command);
					found.push(...(answer.Responses?.[table] ?? []));
					return (answer.UnprocessedKeys?.[table]?.Keys ?? []) as Row[];
				}),
			);
			return found;
		},
		async putAll(rows: readonly Row[]): Promise<void> {
			await eachAtOnce(chunksOf(rows, ROWS_A_CALL), CALLS_AT_ONCE, (chunk) =>
				untilNothingIsLeft(
					chunk.map((Item) => ({ PutRequest: { Item } })),
					async (requests) => {
						const command = new BatchWriteItemCommand({ RequestItems: { [table]: requests } });
						const answer: BatchWriteItemCommandOutput = await dynamodb.send(command);
						return (answer.UnprocessedItems?.[table] ?? []) as typeof requests;
					},
				),
			);
		},
		/** False when its condition does not hold: something stronger stands there, and that is no failure. */
		async update(key: Row, update: Update): Promise<boolean> {
			try {
				await dynamodb.send(new UpdateItemCommand({ TableName: table, Key: key, ...update }));
				return true;
			} catch (error) {
				if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
				return false;
			}
		},
	};
}
