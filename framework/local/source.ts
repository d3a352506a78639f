/** A record as a Lambda event carries it, with what a mapping needs to place it. */
export interface SourceEvent {
	/** The identifier that a batch response names. */
	sequenceNumber: string;
	/** Epoch milliseconds at which the stream took it. */
	arrivedAt: number;
	/** The member of `Records`. JSON text, made once: a batch is the join of its members. */
	json: string;
}

export interface Shard {
	id: string;
	/** Shards whose records come before this one's; drained first. Ids that no longer exist count as drained. */
	parents: string[];
}

export type Position =
	| { type: "TRIM_HORIZON" }
	| { type: "LATEST" }
	/** Epoch milliseconds. */
	| { type: "AT_TIMESTAMP"; timestamp: number }
	| { type: "AFTER_SEQUENCE_NUMBER"; sequenceNumber: string };

/**
 * A stream as an event source mapping reads it: DynamoDB's and Kinesis' alike.
 * In process: the mapping is told of new records instead of asking for them.
 */
export interface ShardedSource {
	/** Shards of a stream, open and closed, oldest first. Throws if the stream is unknown. */
	shards(streamArn: string): Shard[];
	/**
	 * Up to `limit` records from a position on, in order. `next` reads on from there, also past records that were filtered out
	 * or trimmed; `closed` is true when the shard is at its end and will never hold more.
	 */
	read(
		streamArn: string,
		shardId: string,
		from: Position,
		limit: number,
	): { records: SourceEvent[]; next: Position; closed: boolean };
	/** Calls back after records or shards were added. The answer unsubscribes. */
	watch(streamArn: string, callback: () => void): () => void;
}
