import { hash } from "node:crypto";
import type { Item, StreamRecord } from "../contract/dynamodb.ts";
import type { Manifest } from "../contract/manifest.ts";
import { changesItem, streamRecord } from "../local/dynamodb/stream-record.ts";

/** A write as a test gives it. `put` replaces the item, `update` sets attributes of it; `expire` is a delete that TTL makes. */
export type Write =
	| { type: "put"; item: Item }
	| { type: "update"; item: Item }
	| { type: "delete"; key: Item }
	| { type: "expire"; key: Item };

export interface RehearsalTable {
	/** The record that the stream gets; null when the write changes nothing. Throws TableError for what DynamoDB refuses. */
	write(write: Write, now: number): StreamRecord | null;
}

/** DynamoDB would refuse the write. */
export class TableError extends Error {
	override readonly name = "TableError";
}

export const REHEARSAL_REGION = "us-east-1";
export const REHEARSAL_ACCOUNT = "000000000000";

const TTL = { type: "Service", principalId: "dynamodb.amazonaws.com" };

/** A table in memory whose records have the images that its view type gives, and names that are the same in each run. */
export function createTable({ name, keys, viewType }: Manifest["table"], now: number): RehearsalTable {
	const attributes = keys.sort ? [keys.partition, keys.sort] : [keys.partition];
	const keyNames = attributes.map((attribute) => attribute.name);
	const label = new Date(now).toISOString().replace("Z", "");
	const streamArn = `arn:aws:dynamodb:${REHEARSAL_REGION}:${REHEARSAL_ACCOUNT}:table/${name}/stream/${label}`;
	const items = new Map<string, Item>();
	let count = 0;
	const keyOf = (item: Item): string =>
		JSON.stringify(
			attributes.map(({ name: attribute, type }) => {
				const value = item[attribute];
				if (value === undefined) throw new TableError(`It lacks the key attribute ${attribute}.`);
				if (!(type in value)) throw new TableError(`Its key attribute ${attribute} is not of the type ${type}.`);
				return value;
			}),
		);
	return {
		write(write, at) {
			const given = "item" in write ? write.item : write.key;
			const key = keyOf(given);
			const before = items.get(key);
			const after = afterOf(write, before);
			const change = { table: name, key, before, after, ...(write.type === "expire" && { by: TTL }) };
			if (after === undefined) items.delete(key);
			else items.set(key, after);
			if (!changesItem(change)) return null;
			count += 1;
			const sequence = `1${String(count).padStart(20, "0")}`;
			const place = { streamArn, region: REHEARSAL_REGION, keyNames, viewType, sequence, arrivedAt: at };
			return { ...streamRecord(change, place), eventID: hash("md5", `${name} ${count}`) };
		},
	};
}

function afterOf(write: Write, before: Item | undefined): Item | undefined {
	if (write.type === "put") return write.item;
	return write.type === "update" ? { ...before, ...write.item } : undefined;
}
