/** From (included) to (excluded), in epoch seconds, of the records' own time. */
export interface TimeRange {
	from: number;
	to: number;
}

/** Everything that a lake can hold: records without a time lie in 1970. */
export const ALL_TIME: TimeRange = { from: 0, to: Number.POSITIVE_INFINITY };

const HOUR = 3600;

/** `dt=2026-11-24/hour=09`: the partition of a time, UTC, below the pipeline's prefix. */
export function partitionOf(seconds: number): string {
	const iso = new Date(seconds * 1000).toISOString();
	return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
}

/** When a partition's hour begins, in epoch seconds; null for what is no partition. */
export function startOfPartition(partition: string): number | null {
	const [, date, hour] = /^dt=(\d{4}-\d{2}-\d{2})\/hour=(\d{2})$/.exec(partition) ?? [];
	const start = Date.parse(`${date}T${hour}:00:00Z`) / 1000;
	return Number.isNaN(start) ? null : start;
}

/** Whether an hour that begins then has a part in the range. */
export function overlapsHour({ from, to }: TimeRange, start: number): boolean {
	return start < to && start + HOUR > from;
}

/** The lake function may still add to an hour until its records have left the stream: 24 h, and an hour for the last batch. */
const CLOSES_AFTER_HOURS = 25;

/** Whether nothing can be added any more to an hour that begins then. */
export function isClosed(start: number, nowSeconds: number): boolean {
	return nowSeconds >= start + HOUR + CLOSES_AFTER_HOURS * HOUR;
}
