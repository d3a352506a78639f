import type { SourceEvent } from "../source.ts";
import { type BatchContext, deliverBatch } from "./deliver-batch.ts";

/** Bytes of an invocation's payload (Lambda quotas: 6 MB, synchronous). */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const FRAME_BYTES = '{"Records":[]}'.length;

interface Waiting {
	event: SourceEvent;
	/** Bytes in the payload, with the comma. */
	bytes: number;
	/** Epoch milliseconds since when it waits. */
	since: number;
}

/** Gathers the records of one order into batches and delivers one batch at a time. */
export interface Lane {
	push(event: SourceEvent): void;
	/** Records that wait for a batch, and their bytes. */
	load(): { records: number; bytes: number };
	/** True when nothing waits and nothing is in flight. */
	idle(): boolean;
	/** True when a drain left records behind. */
	halted(): boolean;
	/** Looks whether a batch may go: called by whoever changed something. */
	wake(): void;
}

/** `onChange` is called whenever a batch left or ended. */
export function openLane(context: BatchContext, onChange: () => void): Lane {
	const { clock, settings } = context.options;
	const windowMs = settings.maximumBatchingWindowInSeconds * 1000;
	let waiting: Waiting[] = [];
	let bytes = FRAME_BYTES;
	let busy = false;
	let halted = false;
	let cancelWindow: (() => void) | null = null;

	/** The first of batch size, payload limit and window. */
	const ready = (): boolean => {
		const [first] = waiting;
		if (!first) return false;
		const full = waiting.length >= settings.batchSize || bytes >= PAYLOAD_BYTES;
		return full || context.draining.aborted || clock.now() - first.since >= windowMs;
	};
	const take = (): SourceEvent[] => {
		let size = FRAME_BYTES;
		const over = waiting.findIndex((entry, index) => {
			size += entry.bytes;
			// A record too large for any payload goes alone.
			return index >= settings.batchSize || (index > 0 && size > PAYLOAD_BYTES);
		});
		const count = over === -1 ? waiting.length : over;
		const batch = waiting.slice(0, count);
		waiting = waiting.slice(count);
		bytes -= batch.reduce((sum, entry) => sum + entry.bytes, 0);
		return batch.map((entry) => entry.event);
	};
	const run = async (): Promise<void> => {
		busy = true;
		while (!halted && ready()) {
			const batch = take();
			onChange();
			halted = !(await deliverBatch(context, batch));
		}
		busy = false;
		watchWindow();
		onChange();
	};
	const watchWindow = (): void => {
		cancelWindow?.();
		cancelWindow = null;
		const [first] = waiting;
		if (!first || halted) return;
		cancelWindow = clock.after(Math.max(0, first.since + windowMs - clock.now()), () => {
			cancelWindow = null;
			wake();
		});
	};
	const wake = (): void => {
		if (busy || halted) return;
		if (ready()) void run();
		else if (cancelWindow === null) watchWindow();
	};
	return {
		push(event) {
			const size = Buffer.byteLength(event.json) + 1;
			waiting.push({ event, bytes: size, since: clock.now() });
			bytes += size;
		},
		load: () => ({ records: waiting.length, bytes }),
		idle: () => !busy && waiting.length === 0,
		halted: () => halted,
		wake,
	};
}
