import type { Shard, ShardedSource, SourceEvent } from "../../framework/local/source.ts";

interface FakeShard extends Shard {
	events: SourceEvent[];
	closed: boolean;
}

export interface FakeSource extends ShardedSource {
	addShard(id: string, parents?: string[]): void;
	/** Adds a DynamoDB-shaped record of an item; answers its sequence number. */
	put(shardId: string, item: string, arrivedAt: number, extra?: object): string;
	closeShard(id: string): void;
}

/** A stream in memory. Sequence numbers rise over all shards, with gaps, as those of DynamoDB do. */
export function createFakeSource(): FakeSource {
	const shards = new Map<string, FakeShard>();
	const watchers = new Set<() => void>();
	let sequence = 100_000n;
	const tell = (): void => {
		for (const watcher of watchers) watcher();
	};
	const shardOf = (id: string): FakeShard => {
		const shard = shards.get(id);
		if (!shard) throw new Error(`no shard ${id}`);
		return shard;
	};
	return {
		shards: () => [...shards.values()].map(({ id, parents }) => ({ id, parents })),
		read(_arn, shardId, from, limit) {
			const { events, closed } = shardOf(shardId);
			const start = events.findIndex((event) => {
				if (from.type === "AT_TIMESTAMP") return event.arrivedAt >= from.timestamp;
				if (from.type === "AFTER_SEQUENCE_NUMBER") return BigInt(event.sequenceNumber) > BigInt(from.sequenceNumber);
				return from.type === "TRIM_HORIZON";
			});
			const records = start === -1 ? [] : events.slice(start, start + limit);
			const last = records.at(-1);
			return {
				records,
				next: last ? { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: last.sequenceNumber } : from,
				closed: closed && (last ?? events.at(-1)) === events.at(-1),
			};
		},
		watch(_arn, callback) {
			watchers.add(callback);
			return () => watchers.delete(callback);
		},
		addShard(id, parents = []) {
			shards.set(id, { id, parents, events: [], closed: false });
			tell();
		},
		put(shardId, item, arrivedAt, extra = {}) {
			sequence += 7n;
			const sequenceNumber = String(sequence);
			const json = JSON.stringify({
				eventID: sequenceNumber,
				eventName: "INSERT",
				dynamodb: { Keys: { id: { S: item } }, SequenceNumber: sequenceNumber },
				...extra,
			});
			shardOf(shardId).events.push({ sequenceNumber, arrivedAt, json });
			tell();
			return sequenceNumber;
		},
		closeShard(id) {
			shardOf(id).closed = true;
			tell();
		},
	};
}
