import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { LOCAL_CLIENT } from "../local/local-client.ts";
import { holds, type Row, updateRow } from "./simulation/expressions.ts";

/** Chance that can be repeated: mulberry32. */
export function createChance(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Lets several programs make their calls one at a time, in an order that chance decides. */
export interface Turns {
	/** Runs a program; its calls wait for their turn. Resolves when all that run have ended. */
	run(programs: readonly (() => Promise<void>)[]): Promise<void>;
	/** Waits for a turn. */
	take(): Promise<void>;
	/** Gives a turn up for the next one. */
	pass(): void;
}

export function createTurns(chance: () => number): Turns {
	const waiting: (() => void)[] = [];
	let active = 0;
	const next = (): void => {
		if (waiting.length === 0 || waiting.length < active) return;
		waiting.splice(Math.floor(chance() * waiting.length), 1)[0]?.();
	};
	return {
		async run(programs) {
			active = programs.length;
			await Promise.all(
				programs.map((program) =>
					program().finally(() => {
						active -= 1;
						next();
					}),
				),
			);
		},
		pass: next,
		take: () =>
			new Promise((resolve) => {
				waiting.push(resolve);
				next();
			}),
	};
}

/** What several programs share: objects and rows. */
export interface Stores {
	objects: Map<string, string>;
	rows: Map<string, Row>;
}

// biome-ignore lint/suspicious/noExplicitAny: commands of two services as the SDK makes them.
type Command = { constructor: { name: string }; input: any };

/** Clients of one program on the shared stores. `around` is given each call: it waits, applies it or not, and may never answer. */
export function clientsOn(stores: Stores, around: (apply: () => object) => Promise<object>) {
	const send = (command: Command): Promise<object> => around(() => apply(stores, command));
	return {
		s3: Object.assign(new S3Client(LOCAL_CLIENT), { send }) as S3Client,
		dynamodb: Object.assign(new DynamoDBClient(LOCAL_CLIENT), { send }) as DynamoDBClient,
	};
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

function apply({ objects, rows }: Stores, { constructor: { name }, input }: Command): object {
	const row = input.Key?.row ? `${input.Key.scope.S} ${input.Key.row.S}` : "";
	switch (name) {
		case "PutObjectCommand":
			objects.set(input.Key, input.Body);
			return {};
		case "DeleteObjectCommand":
			objects.delete(input.Key);
			return {};
		case "GetObjectCommand": {
			const text = objects.get(input.Key);
			if (text === undefined) throw named("NoSuchKey");
			return { Body: { transformToString: async () => text } };
		}
		case "ListObjectsV2Command": {
			const keys = [...objects.keys()].filter((key) => key.startsWith(input.Prefix)).sort();
			return input.Delimiter ? {} : { Contents: keys.map((Key) => ({ Key })) };
		}
		case "GetItemCommand":
			return { Item: rows.get(row) };
		case "QueryCommand": {
			const scope = input.ExpressionAttributeValues[":scope"].S;
			const found = [...rows.values()].filter((each) => each.scope?.S === scope);
			const prefix = input.ExpressionAttributeValues[":prefix"]?.S;
			if (input.FilterExpression === undefined) return { Items: found };
			const words = { values: input.ExpressionAttributeValues, names: input.ExpressionAttributeNames };
			const isWanted = (each: Row): boolean =>
				each.row?.S?.startsWith(prefix ?? "") === true && holds(each, input.FilterExpression, words);
			return { Items: found.filter(isWanted) };
		}
		case "DeleteItemCommand": {
			const words = { values: input.ExpressionAttributeValues, names: input.ExpressionAttributeNames };
			if (!holds(rows.get(row) ?? {}, input.ConditionExpression, words)) throw named("ConditionalCheckFailedException");
			rows.delete(row);
			return {};
		}
		case "UpdateItemCommand":
			return update(rows, row, input);
		default:
			throw new Error(`The stores do not know ${name}.`);
	}
}

function update(rows: Stores["rows"], row: string, input: Command["input"]): object {
	const words = { values: input.ExpressionAttributeValues, names: input.ExpressionAttributeNames };
	const before = rows.get(row);
	if (!holds(before ?? {}, input.ConditionExpression, words)) throw named("ConditionalCheckFailedException");
	rows.set(row, updateRow(before ?? input.Key, input.UpdateExpression, words));
	return {};
}
