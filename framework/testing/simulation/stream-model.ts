import type { Clock } from "../../local/clock.ts";
import type { Position, ShardedSource, SourceEvent } from "../../local/source.ts";
import type { Chance } from "./random.ts";

/** Places of keys: a shard has a range of them. */
export const PLACES = 2 ** 32;

/** How soon a mapping notices: Lambda polls a shard about four times a second (Lambda developer guide, "Polling and batching streams"). */
const NOTICE_MILLISECONDS = 250;

export interface ModelShard {
	id: string;
	parents: string[];
	/** From the first place up to before the second. */
	range: [number, number];
	open: boolean;
	/** All that were ever in it, the trimmed ones too. */
	log: SourceEvent[];
	last: bigint;
}

export interface StreamModel extends ShardedSource {
	readonly arn: string;
	readonly all: readonly ModelShard[];
	append(place: number, arrivedAt: number, text: (sequenceNumber: string, shardId: string) => string): SourceEvent;
	/** Closes an open shard and opens its children; false if there is none to close so. */
	reshard(chance: Chance, merge: boolean): boolean;
}

interface Options {
	arn: string;
	shards: number;
	clock: Clock;
	chance: Chance;
	/** The first sequence number is about here. */
	first: bigint;
	/** Distances between neighbours are random below it. */
	gap: bigint;
	retentionHours: number;
}

/** A stream of shards with lineage, whose sequence numbers have gaps and change their number of digits, and which forgets. */
export function createStreamModel({
	arn,
	shards: count,
	clock,
	chance,
	first,
	gap,
	retentionHours,
}: Options): StreamModel {
	const shards: ModelShard[] = [];
	const watchers = new Set<() => void>();
	let noticing = false;
	const notice = (): void => {
		if (noticing) return;
		noticing = true;
		clock.after(NOTICE_MILLISECONDS, () => {
			noticing = false;
			for (const watcher of watchers) watcher();
		});
	};
	const open = (range: [number, number], parents: ModelShard[]): void => {
		// A child goes on where its parents ended; strangers may well have the same numbers.
		const last = parents.reduce((most, parent) => (parent.last > most ? parent.last : most), first);
		const id = `shardId-${String(shards.length).padStart(12, "0")}`;
		shards.push({ id, parents: parents.map((parent) => parent.id), range, open: true, log: [], last });
	};
	for (let index = 0; index < count; index++)
		open([Math.floor((PLACES / count) * index), Math.floor((PLACES / count) * (index + 1))], []);
	const holder = (place: number): ModelShard => {
		const found = shards.find(({ range, open: isOpen }) => isOpen && place >= range[0] && place < range[1]);
		if (!found) throw new Error(`no shard holds the place ${place}`);
		return found;
	};
	const close = (parents: ModelShard[], children: [number, number][]): void => {
		for (const parent of parents) parent.open = false;
		for (const range of children) open(range, parents);
		notice();
	};
	return {
		arn,
		all: shards,
		append(place, arrivedAt, text) {
			const shard = holder(place);
			shard.last += 1n + BigInt(Math.floor(chance.next() * 1e9)) * (gap / 1_000_000_000n);
			const sequenceNumber = String(shard.last);
			const event = { sequenceNumber, arrivedAt, json: text(sequenceNumber, shard.id) };
			shard.log.push(event);
			notice();
			return event;
		},
		reshard(drawn, merge) {
			const candidates = shards.filter((shard) => shard.open);
			const one = drawn.pick(candidates);
			const other = candidates.find(({ range }) => range[0] === one.range[1]);
			if (merge && !other) return false;
			const middle = Math.floor((one.range[0] + one.range[1]) / 2);
			if (merge && other) close([one, other], [[one.range[0], other.range[1]]]);
			else
				close(
					[one],
					[
						[one.range[0], middle],
						[middle, one.range[1]],
					],
				);
			return true;
		},
		shards: () => shards.map(({ id, parents }) => ({ id, parents })),
		read(_arn, shardId, from, limit) {
			const { log, open: isOpen } = shards.find(({ id }) => id === shardId) as ModelShard;
			const horizon = clock.now() - retentionHours * 3_600_000;
			const start = log.findIndex((event) => event.arrivedAt >= horizon && isFrom(event, from));
			const records = start === -1 ? [] : log.slice(start, start + limit);
			const last = records.at(-1);
			return {
				records,
				next: last ? { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: last.sequenceNumber } : from,
				closed: !isOpen && (last === undefined || last === log.at(-1)),
			};
		},
		watch(_arn, callback) {
			watchers.add(callback);
			return () => watchers.delete(callback);
		},
	};
}

function isFrom(event: SourceEvent, from: Position): boolean {
	if (from.type === "AT_TIMESTAMP") return event.arrivedAt >= from.timestamp;
	return (
		from.type === "TRIM_HORIZON" ||
		(from.type === "AFTER_SEQUENCE_NUMBER" && isAfter(event.sequenceNumber, from.sequenceNumber))
	);
}

/** Sequence numbers are integers of many digits. */
export function isAfter(one: string, other: string): boolean {
	return one.length === other.length ? one > other : one.length > other.length;
}
