import { AwsError } from "../aws-json.ts";
import type { Position } from "../source.ts";
import { invalidArgument } from "./input.ts";

/** Kinesis API reference, GetShardIterator: an iterator lives five minutes. */
const LIFETIME_MS = 5 * 60_000;

export interface ShardIterator {
	streamArn: string;
	shardId: string;
	position: Position;
}

export function writeIterator(iterator: ShardIterator, now: number): string {
	return Buffer.from(JSON.stringify({ ...iterator, expires: now + LIFETIME_MS })).toString("base64url");
}

export function parseIterator(text: string, now: number): ShardIterator {
	const iterator = decode(text);
	if (!iterator) throw invalidArgument("ShardIterator is not one that GetShardIterator or GetRecords gave.");
	if (iterator.expires < now)
		throw new AwsError("ExpiredIteratorException", "The iterator is older than five minutes: ask for another one.");
	return iterator;
}

function decode(text: string): (ShardIterator & { expires: number }) | null {
	try {
		const value = JSON.parse(Buffer.from(text, "base64url").toString()) as Partial<ShardIterator & { expires: number }>;
		const { streamArn, shardId, position, expires } = value;
		const whole = typeof streamArn === "string" && typeof shardId === "string" && typeof position?.type === "string";
		return whole && typeof expires === "number" ? { streamArn, shardId, position, expires } : null;
	} catch {
		return null;
	}
}
