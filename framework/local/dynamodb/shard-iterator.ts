import { AwsError } from "../aws-json.ts";

/** DynamoDB API reference, GetShardIterator: "A shard iterator expires 15 minutes after it is returned to the requester". */
const ITERATOR_LIFE_MS = 15 * 60 * 1000;

/** Where the next GetRecords goes on; all of it is in the token. */
export interface ShardIterator {
	streamArn: string;
	shardId: string;
	/** Records after this number; null = from the oldest that is left. */
	after: string | null;
}

export function encodeIterator(iterator: ShardIterator, now: number): string {
	return Buffer.from(JSON.stringify({ ...iterator, issuedAt: now })).toString("base64url");
}

export function decodeIterator(token: string, now: number): ShardIterator {
	const { issuedAt, ...iterator } = parse(token);
	if (now - issuedAt >= ITERATOR_LIFE_MS)
		throw new AwsError(
			"ExpiredIteratorException",
			"The shard iterator is older than 15 minutes. Ask for another with GetShardIterator.",
		);
	return iterator;
}

function parse(token: string): ShardIterator & { issuedAt: number } {
	try {
		return JSON.parse(Buffer.from(token, "base64url").toString());
	} catch {
		throw new AwsError("ValidationException", "Invalid ShardIterator");
	}
}
