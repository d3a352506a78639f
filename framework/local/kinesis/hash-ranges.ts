import { hash } from "node:crypto";

/** Hash keys are MD5 digests read as unsigned numbers (Kinesis API reference, PutRecord). */
const HASH_KEYS = 2n ** 128n;
export const MAX_HASH_KEY = HASH_KEYS - 1n;

export interface HashKeyRange {
	StartingHashKey: string;
	EndingHashKey: string;
}

/** Even ranges for so many shards; the last takes what does not divide. */
export function hashKeyRanges(shards: number): HashKeyRange[] {
	const width = HASH_KEYS / BigInt(shards);
	return Array.from({ length: shards }, (_, index) => ({
		StartingHashKey: String(width * BigInt(index)),
		EndingHashKey: String(index === shards - 1 ? MAX_HASH_KEY : width * BigInt(index + 1) - 1n),
	}));
}

/** Index of the shard that takes a record. */
export function shardIndexOf(partitionKey: string, explicitHashKey: string | null, shards: number): number {
	if (shards === 1) return 0;
	const hashKey = explicitHashKey === null ? BigInt(`0x${hash("md5", partitionKey)}`) : BigInt(explicitHashKey);
	return Math.min(Number(hashKey / (HASH_KEYS / BigInt(shards))), shards - 1);
}
