import type { Position, SourceEvent } from "../source.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { BatchContext } from "./deliver-batch.ts";
import { type Lane, openLane } from "./lane.ts";
import { laneOf } from "./record.ts";

/** Records of one read, and bytes above which a reader lets its lanes catch up. */
const READ_LIMIT = 1000;
const BUFFER_BYTES = 8 * 1024 * 1024;

export interface ShardReader {
	/** Reads on if there is room. */
	wake(): void;
	/** Nothing to read now, nothing waiting, nothing in flight; or left behind by a drain. */
	settled(): boolean;
	/** At its end, with everything done: children may begin. */
	finished(): boolean;
}

interface ShardReaderOptions extends Omit<BatchContext, "done"> {
	from: Position;
	accepts: ((event: SourceEvent) => boolean) | null;
	/** Records that arrived later (epoch milliseconds) are left for the next start; Infinity while running. */
	horizon(): number;
	saveCheckpoint(checkpoint: Checkpoint): void;
	onChange(): void;
}

/** A record between being read and being done; the shard's checkpoint never passes one that is not done. */
interface Pending {
	sequenceNumber: string;
	done: boolean;
}

/** Reads one shard into its lanes and moves its checkpoint behind what is done. */
export function openShardReader(reader: ShardReaderOptions): ShardReader {
	const { options, shardId, accepts } = reader;
	const { batchSize, parallelizationFactor } = options.settings;
	let position = reader.from;
	let atEnd = false;
	let dry = false;
	let pending: Pending[] = [];
	const bySequence = new Map<string, Pending>();

	const advance = (): void => {
		const open = pending.findIndex((entry) => !entry.done);
		const done = pending.slice(0, open === -1 ? pending.length : open);
		pending = pending.slice(done.length);
		const last = done.at(-1);
		if (atEnd && pending.length === 0) reader.saveCheckpoint({ type: "CLOSED" });
		else if (last) reader.saveCheckpoint({ type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: last.sequenceNumber });
	};
	const done = (events: readonly SourceEvent[]): void => {
		for (const { sequenceNumber } of events) {
			const entry = bySequence.get(sequenceNumber);
			if (entry) entry.done = true;
			bySequence.delete(sequenceNumber);
		}
		if (events.length > 0) advance();
	};
	const onLaneChange = (): void => {
		fill();
		reader.onChange();
	};
	const context: BatchContext = { options, shardId, draining: reader.draining, done };
	const lanes: Lane[] = Array.from({ length: parallelizationFactor }, () => openLane(context, onLaneChange));

	/** How many records may be read now: a batch for each lane, so that a batch is ready when the one before it ends. */
	const room = (): number => {
		const loads = lanes.map((lane) => lane.load());
		if (loads.reduce((sum, load) => sum + load.bytes, 0) >= BUFFER_BYTES) return 0;
		return batchSize * parallelizationFactor - loads.reduce((sum, load) => sum + load.records, 0);
	};
	const place = (event: SourceEvent): void => {
		const entry = { sequenceNumber: event.sequenceNumber, done: false };
		pending.push(entry);
		if (accepts && !accepts(event)) {
			entry.done = true;
			return;
		}
		bySequence.set(event.sequenceNumber, entry);
		lanes[laneOf(options.sourceType, event, lanes.length)]?.push(event);
	};
	/** Reads one portion; false when there is nothing to read. */
	const readOnce = (limit: number): boolean => {
		const portion = options.source.read(options.streamArn, shardId, position, limit);
		const late = portion.records.findIndex((event) => event.arrivedAt > reader.horizon());
		const records = late === -1 ? portion.records : portion.records.slice(0, late);
		for (const event of records) place(event);
		if (late === -1) {
			position = portion.next;
			atEnd = portion.closed;
		}
		advance();
		return late === -1 && records.length > 0 && !atEnd;
	};
	function fill(): void {
		dry = atEnd;
		while (!dry && !lanes.some((lane) => lane.halted())) {
			const limit = Math.min(room(), READ_LIMIT);
			if (limit <= 0) return;
			dry = !readOnce(limit);
		}
	}
	return {
		wake() {
			fill();
			for (const lane of lanes) lane.wake();
		},
		settled: () => (dry && lanes.every((lane) => lane.idle())) || lanes.some((lane) => lane.halted()),
		finished: () => atEnd && pending.length === 0,
	};
}
