import type { Bookmark, Position } from "./bookmark.ts";
import { createFetcher } from "./fetch-ahead.ts";
import { createHoursInView, type Held, recall } from "./hours-in-view.ts";
import { LakeError } from "./lake-error.ts";
import { type LakeHour, listHours } from "./list.ts";
import { peekLabel } from "./peek-label.ts";
import { type LakePlace, lakePrefix } from "./place.ts";
import type { TimeRange } from "./range.ts";
import type { ReadOptions } from "./read-records.ts";
import { compareRecords, type LakeRecord } from "./record.ts";

/** Objects fetched before they are asked for. */
const AHEAD = 4;

const HOURS_TOGETHER = 2;

/** Requests at once when labels are looked up. */
const PEEKS_AT_ONCE = 8;

/** An object with its records in their order; none if it cannot be read. */
export interface Opened {
	held: Held;
	records: LakeRecord[];
}

export interface ObjectQueue {
	/** Before all else: the objects that the reading before had open, in the order of their opening. */
	reopen(): Promise<Opened[]>;
	/** Where the next object begins; null at the end of the range. */
	peek(): Promise<Position | null>;
	/** Takes the next object. */
	open(): Promise<Opened>;
	mark(): Pick<Bookmark, "hours" | "labels" | "otherLabels">;
}

/**
 * The objects of a range in the order of their streams, or those that an earlier reading left. Two hours are looked at together: clocks of
 * shards differ, so an item's records may lie on both sides of an hour's end against their order.
 */
export function createObjectQueue(
	place: LakePlace,
	range: TimeRange,
	{ from = null, onBroken, onHour, onObject, onLate }: ReadOptions,
): ObjectQueue {
	const listed = listHours(place, range, from?.hours[0]?.partition);
	const view = createHoursInView();
	const fetcher = createFetcher(place, onBroken);
	const waiting: Held[] = [];
	/** The first hour beyond those that were listed before. */
	let beyond: LakeHour | null = null;
	let ended = false;
	/** Streams met so far. */
	const labels = new Set(from?.labels);
	const latestLabel = (): string => [...labels].sort().at(-1) ?? "";

	const load = async (): Promise<void> => {
		while (!ended && view.waiting() < HOURS_TOGETHER) {
			const hour: LakeHour | undefined = beyond ?? (await listed.next()).value;
			beyond = null;
			ended = hour === undefined;
			if (!hour) return;
			onHour?.(hour);
			waiting.push(...view.add(hour, latestLabel(), null));
			if (labels.size === 0 && waiting.length > 0) await learnLabels();
			waiting.sort(compareRecords);
		}
	};
	/** Names hold no label: which stream an object is of matters only where there is more than one. */
	const learnLabels = async (): Promise<void> => {
		const rest = waiting.values();
		const learn = async (): Promise<void> => {
			for (const each of rest) each.label = await peekLabel(place, each.object).catch(() => each.label);
		};
		await Promise.all(Array.from({ length: PEEKS_AT_ONCE }, learn));
		for (const each of waiting) labels.add(each.label);
	};
	/** Takes in what the reading before left of its hours. Answers what it had open. */
	const restore = async (bookmark: Bookmark): Promise<Held[]> => {
		const before = recall(bookmark);
		const last = bookmark.hours.at(-1)?.partition ?? "";
		const left = new Map<string, Held | null>(before.unfinished.map((key) => [key, null]));
		for (;;) {
			const hour: LakeHour | undefined = (await listed.next()).value;
			const isKnown = hour === undefined || before.knows(hour.partition);
			if (!hour || (!isKnown && hour.partition > last)) {
				beyond = hour ?? null;
				break;
			}
			if (!isKnown) onHour?.({ ...hour, objects: [] });
			const held = view.add(hour, latestLabel(), before);
			for (const each of held) left.set(each.key, each);
			waiting.push(...held.filter(({ key }) => before.stateOf(key) !== "open"));
			const late = held.filter((each) => each.late).map(({ object }) => object);
			if (late.length > 0) onLate?.({ ...hour, objects: late });
		}
		waiting.sort(compareRecords);
		for (const [key, held] of left) if (held === null) fetcher.tell(goneBetween(place, key));
		return bookmark.open.flatMap(({ key }) => left.get(key) ?? []);
	};
	const take = async (held: Held): Promise<LakeRecord[] | null> => {
		const records = await fetcher.take(held.object);
		if (records === null || records.length === 0) held.finish();
		return records;
	};
	return {
		async reopen() {
			const opened: Opened[] = [];
			for (const held of from ? await restore(from) : [])
				opened.push({ held, records: sort((await take(held)) ?? []) });
			return opened;
		},
		async peek() {
			await load();
			return waiting[0] ?? null;
		},
		async open() {
			await load();
			for (const { object } of waiting.slice(0, AHEAD)) fetcher.begin(object);
			const held = waiting.shift();
			if (!held) throw new Error("no object is left to open");
			held.open();
			const records = await take(held);
			if (records === null) return { held, records: [] };
			onObject?.(held.partition, held.object, records);
			sort(records);
			const unknown = records.filter(({ label }) => label !== "" && !labels.has(label));
			if (unknown.length > 0) {
				for (const { label } of unknown) labels.add(label);
				await learnLabels();
				waiting.sort(compareRecords);
			}
			return { held, records };
		},
		mark() {
			const latest = latestLabel();
			const others = waiting.filter(({ label }) => label !== latest).map(({ key, label }) => [key, label]);
			return { hours: view.mark(), labels: [...labels], otherLabels: Object.fromEntries(others) };
		},
	};
}

const goneBetween = ({ bucket, pipeline }: LakePlace, key: string): LakeError => {
	const whole = `${lakePrefix({ pipeline })}${key}`;
	const message = `s3://${bucket}/${whole} went away since the reading stopped: it was not read to its end.`;
	return new LakeError("object-gone", message, { key: whole });
};

/** The lake of a Kinesis reader keeps the order of arrival, which is that of each item only. */
function sort(records: LakeRecord[]): LakeRecord[] {
	const isSorted = records.every(
		(record, index) => index === 0 || compareRecords(records[index - 1] ?? record, record) <= 0,
	);
	return isSorted ? records : records.sort(compareRecords);
}
