/** Where a record of a shard lies. The record itself is a row of the database. */
export interface LogEntry {
	sequence: string;
	/** Epoch milliseconds. */
	arrivedAt: number;
}

/** Sequence numbers are compared as numbers; as text only at one length (the API allows 21 to 40 digits). */
export function padSequence(sequence: string): string {
	return sequence.padStart(40, "0");
}

/** Index of the first entry after a sequence number. */
export function indexAfter(entries: readonly LogEntry[], sequence: string): number {
	const wanted = padSequence(sequence);
	return partition(entries, (entry) => padSequence(entry.sequence) <= wanted);
}

/** Index of the first entry that arrived at a time (epoch milliseconds) or later. */
export function indexAtTime(entries: readonly LogEntry[], time: number): number {
	return partition(entries, ({ arrivedAt }) => arrivedAt < time);
}

function partition(entries: readonly LogEntry[], isBefore: (entry: LogEntry) => boolean): number {
	let low = 0;
	let high = entries.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const entry = entries[middle];
		if (entry && isBefore(entry)) low = middle + 1;
		else high = middle;
	}
	return low;
}
