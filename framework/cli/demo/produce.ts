import {
	type AttributeValue,
	BatchWriteItemCommand,
	DeleteItemCommand,
	type DynamoDBClient,
	PutItemCommand,
	type TransactWriteItem,
	TransactWriteItemsCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Ledger } from "./ledger.ts";
import { type ItemKey, itemName, type Story } from "./stories.ts";

export interface Producer {
	client: DynamoDBClient;
	table: string;
	ledger: Ledger;
	/** Epoch milliseconds. */
	now(): number;
	/** Resolves at a time, or when the signal aborts. */
	until(time: number, signal: AbortSignal): Promise<void>;
}

/** Stories told at once: enough to keep the endpoint busy, few enough for two cores. */
const AT_ONCE = 16;

const ACTIONS = ["ClickOnLogo", "OpenMenu", "Search", "AddToBasket", "Scroll", "Größe ändern ✓"];

export interface ProduceOptions {
	/** Ends it early. */
	signal: AbortSignal;
	/** Events a second at most; null = as fast as it can. */
	rate: number | null;
	progress(events: number): void;
}

/** Tells all stories through the AWS SDK. Throws what the SDK throws. */
export async function produce(
	producer: Producer,
	stories: readonly Story[],
	{ signal, rate, progress }: ProduceOptions,
): Promise<void> {
	const waiting = [...stories].reverse();
	const started = producer.now();
	const worker = async (): Promise<void> => {
		for (let story = waiting.pop(); story && !signal.aborted; story = waiting.pop()) {
			if (rate !== null) await producer.until(started + (producer.ledger.size / rate) * 1000, signal);
			await tell(producer, story);
			progress(producer.ledger.size);
		}
	};
	// A slow pace has no need of more: together they would write in bursts.
	await Promise.all(Array.from({ length: rate === null ? AT_ONCE : 1 }, worker));
}

async function tell(producer: Producer, story: Story): Promise<void> {
	if (story.kind === "batch") await putBatch(producer, story.keys);
	else if (story.kind === "transaction") await transact(producer, story.keys);
	else if (story.kind === "expiring") await putExpired(producer, story.key);
	else {
		await put(producer, story.key);
		for (let version = 2; version <= story.updates + 1; version += 1) await update(producer, story.key, version);
		if (story.kind === "session") await remove(producer, story.key);
	}
}

const keyOf = (key: ItemKey): Record<string, AttributeValue> => ({ uuid: { S: key.uuid }, user: { S: key.user } });

/** An item with its version, an action, and values that careless JSON loses. `expiresAt` is epoch seconds. */
function itemOf(producer: Producer, key: ItemKey, expiresAt?: number): Record<string, AttributeValue> {
	return {
		...keyOf(key),
		version: { N: "1" },
		action: { S: ACTIONS[key.uuid.charCodeAt(key.uuid.length - 1) % ACTIONS.length] ?? "Scroll" },
		position: { M: { x: { N: "12345678901234567890.5" }, y: { N: "-0.25" } } },
		tags: { SS: ["web", "beta"] },
		expiresAt: { N: String(expiresAt ?? Math.floor(producer.now() / 1000) + 86_400) },
	};
}

/** Runs one write and enters it once it is acknowledged. */
async function write(producer: Producer, send: () => Promise<unknown>, enter: (sentAt: number) => void): Promise<void> {
	const sentAt = producer.now();
	await send();
	enter(sentAt);
}

async function put(producer: Producer, key: ItemKey): Promise<void> {
	await write(
		producer,
		() => producer.client.send(new PutItemCommand({ TableName: producer.table, Item: itemOf(producer, key) })),
		(sentAt) => producer.ledger.record(itemName(key), { event: "INSERT", version: 1, sentAt }),
	);
}

async function update(producer: Producer, key: ItemKey, version: number): Promise<void> {
	const command = new UpdateItemCommand({ TableName: producer.table, Key: keyOf(key), ...setVersion(version) });
	await write(
		producer,
		() => producer.client.send(command),
		(sentAt) => producer.ledger.record(itemName(key), { event: "MODIFY", version, sentAt }),
	);
}

const setVersion = (version: number) => ({
	UpdateExpression: "SET #version = :version",
	ExpressionAttributeNames: { "#version": "version" },
	ExpressionAttributeValues: { ":version": { N: String(version) } },
});

async function remove(producer: Producer, key: ItemKey): Promise<void> {
	await write(
		producer,
		() => producer.client.send(new DeleteItemCommand({ TableName: producer.table, Key: keyOf(key) })),
		(sentAt) => producer.ledger.record(itemName(key), { event: "REMOVE", version: null, sentAt }),
	);
}

/** An item whose time has passed already: TTL deletes it at its next round, and that is its second record. */
async function putExpired(producer: Producer, key: ItemKey): Promise<void> {
	const Item = itemOf(producer, key, Math.floor(producer.now() / 1000) - 60);
	await write(
		producer,
		() => producer.client.send(new PutItemCommand({ TableName: producer.table, Item })),
		(sentAt) => {
			producer.ledger.record(itemName(key), { event: "INSERT", version: 1, sentAt });
			producer.ledger.record(itemName(key), { event: "EXPIRE", version: null, sentAt: null });
		},
	);
}

async function putBatch(producer: Producer, keys: readonly ItemKey[]): Promise<void> {
	const requests = keys.map((key) => ({ PutRequest: { Item: itemOf(producer, key) } }));
	await write(
		producer,
		async () => {
			const answer = await producer.client.send(
				new BatchWriteItemCommand({ RequestItems: { [producer.table]: requests } }),
			);
			const left = Object.values(answer.UnprocessedItems ?? {}).flat().length;
			if (left > 0) throw new Error(`BatchWriteItem left ${left} items unprocessed`);
		},
		(sentAt) => {
			for (const key of keys) producer.ledger.record(itemName(key), { event: "INSERT", version: 1, sentAt });
		},
	);
}

/** Puts two items together, updates both together, then updates one and deletes the other together. */
async function transact(producer: Producer, [first, second]: [ItemKey, ItemKey]): Promise<void> {
	const { table: TableName, ledger } = producer;
	const send = (...TransactItems: TransactWriteItem[]) =>
		producer.client.send(new TransactWriteItemsCommand({ TransactItems }));
	const Put = (key: ItemKey) => ({ Put: { TableName, Item: itemOf(producer, key) } });
	const Update = (key: ItemKey, version: number) => ({
		Update: { TableName, Key: keyOf(key), ...setVersion(version) },
	});
	const both = (event: "INSERT" | "MODIFY", version: number) => (sentAt: number) => {
		for (const key of [first, second]) ledger.record(itemName(key), { event, version, sentAt });
	};
	await write(producer, () => send(Put(first), Put(second)), both("INSERT", 1));
	await write(producer, () => send(Update(first, 2), Update(second, 2)), both("MODIFY", 2));
	await write(
		producer,
		() => send(Update(first, 3), { Delete: { TableName, Key: keyOf(second) } }),
		(sentAt) => {
			ledger.record(itemName(first), { event: "MODIFY", version: 3, sentAt });
			ledger.record(itemName(second), { event: "REMOVE", version: null, sentAt });
		},
	);
}
