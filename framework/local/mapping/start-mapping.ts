import type { Position, Shard } from "../source.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { compileFilters } from "./record.ts";
import { openShardReader, type ShardReader } from "./shard-reader.ts";
import type { MappingOptions, RunningMapping } from "./types.ts";

/**
 * An event source mapping with Lambda's rules: each shard in order, parents before children, at least once.
 * The source tells it of new records; nothing is polled.
 */
export function startMapping(options: MappingOptions): RunningMapping {
	const { source, streamArn, clock, checkpoints } = options;
	const accepts = compileFilters(options.sourceType, options.filters);
	const drain = new AbortController();
	const readers = new Map<string, ShardReader>();
	let horizon = Number.POSITIVE_INFINITY;
	let wakePlanned = false;
	/** After a drain, or when the stream is gone. */
	let stopped = false;
	let onSettled: (() => void) | null = null;

	const open = (shard: Shard): ShardReader =>
		openShardReader({
			options,
			shardId: shard.id,
			draining: drain.signal,
			from: startOf(options, checkpoints, shard.id),
			accepts,
			horizon: () => horizon,
			saveCheckpoint: (checkpoint) => checkpoints.set(shard.id, checkpoint),
			onChange: planWake,
		});
	const isDone = (shardId: string): boolean =>
		readers.get(shardId)?.finished() ?? checkpoints.get(shardId)?.type === "CLOSED";
	/** In the order of the shards, oldest first: a parent that is at its end lets its children begin at once. */
	const readOn = (): void => {
		const shards = source.shards(streamArn);
		const known = new Set(shards.map((shard) => shard.id));
		checkpoints.keepOnly([...known]);
		for (const id of readers.keys()) if (!known.has(id)) readers.delete(id);
		for (const shard of shards) {
			if (isDone(shard.id)) continue;
			if (!shard.parents.every((parent) => !known.has(parent) || isDone(parent))) continue;
			const reader = readers.get(shard.id) ?? open(shard);
			readers.set(shard.id, reader);
			reader.wake();
		}
	};
	const wake = (): void => {
		wakePlanned = false;
		try {
			if (!stopped) readOn();
		} catch (error) {
			stopped = true;
			options.onSourceLost?.(error as Error);
		}
		if (!settled()) return;
		options.onIdle?.();
		onSettled?.();
	};
	/** Many writes of one turn make one wake. */
	function planWake(): void {
		if (wakePlanned) return;
		wakePlanned = true;
		queueMicrotask(wake);
	}
	const settled = (): boolean => !wakePlanned && (stopped || [...readers.values()].every((reader) => reader.settled()));
	source.shards(streamArn);
	const unwatch = source.watch(streamArn, planWake);
	wake();
	let drained: Promise<void> | null = null;
	const stop = async (): Promise<void> => {
		horizon = clock.now();
		drain.abort();
		await new Promise<void>((resolve) => {
			onSettled = resolve;
			planWake();
		});
		stopped = true;
		unwatch();
		await checkpoints.flush();
	};
	return {
		idle: settled,
		drain() {
			drained ??= stop();
			return drained;
		},
	};
}

/** Where a shard is read from: where it stood, or where the mapping begins. */
function startOf({ settings }: MappingOptions, checkpoints: Checkpoints, shardId: string): Position {
	const checkpoint = checkpoints.get(shardId);
	if (checkpoint && checkpoint.type !== "CLOSED") return checkpoint;
	if (settings.startingPosition === "TRIM_HORIZON") return { type: "TRIM_HORIZON" };
	const given = settings.startingPositionTimestamp;
	const timestamp = given === null || given === "first-deployment" ? checkpoints.startedAt : Date.parse(given);
	return { type: "AT_TIMESTAMP", timestamp };
}
