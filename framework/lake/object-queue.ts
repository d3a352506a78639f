import { LakeError } from "./lake-error.ts";
import { type LakeHour, type LakeObject, listHours } from "./list.ts";
import { peekLabel } from "./peek-label.ts";
import type { LakePlace } from "./place.ts";
import type { TimeRange } from "./range.ts";
import { readLines } from "./read-object.ts";
import type { ReadOptions } from "./read-records.ts";
import { compareRecords, type LakeRecord, parseRecord } from "./record.ts";

/** Objects fetched before they are asked for. */
const AHEAD = 4;

const HOURS_TOGETHER = 2;

/** Requests at once when labels are looked up. */
const PEEKS_AT_ONCE = 8;

/** An object not yet opened, at the place in the stream where it begins. */
interface Waiting {
	object: LakeObject;
	partition: string;
	label: string;
	sequence: string;
	/** Tells that it waits no more. */
	leave(): void;
}

export interface ObjectQueue {
	/** Where the next object begins; null at the end of the range. */
	peek(): Promise<Pick<LakeRecord, "label" | "sequence"> | null>;
	/** Takes the next object: its records in their order. */
	open(): Promise<LakeRecord[]>;
}

/**
 * The objects of a range in the order of their streams. Two hours are looked at together: clocks of shards differ, so an item's
 * records may lie on both sides of an hour's end against their order.
 */
export function createObjectQueue(
	place: LakePlace,
	range: TimeRange,
	{ onBroken, onHour, onObject }: ReadOptions,
): ObjectQueue {
	const hours = listHours(place, range);
	const fetched = new Map<LakeObject, Promise<LakeRecord[]>>();
	const waiting: Waiting[] = [];
	/** Hours with objects that wait. */
	let loaded = 0;
	let ended = false;
	/** Streams met so far. */
	const labels = new Set<string>();

	const load = async (): Promise<void> => {
		while (!ended && loaded < HOURS_TOGETHER) {
			const { value: hour, done } = await hours.next();
			if (done) {
				ended = true;
				return;
			}
			onHour?.(hour);
			if (hour.objects.length > 0) await add(hour);
		}
	};
	const add = async (hour: LakeHour): Promise<void> => {
		loaded += 1;
		let left = hour.objects.length;
		const leave = (): void => {
			left -= 1;
			if (left === 0) loaded -= 1;
		};
		const label = [...labels].sort().at(-1) ?? "";
		for (const object of hour.objects)
			waiting.push({ object, partition: hour.partition, label, sequence: object.first, leave });
		if (labels.size === 0) await learnLabels();
		waiting.sort(compareRecords);
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
	const fetch = (object: LakeObject): Promise<LakeRecord[]> => {
		const known = fetched.get(object) ?? readRecords(place, object);
		// Whoever opens it is told; until then nobody listens.
		known.catch(() => {});
		fetched.set(object, known);
		return known;
	};
	return {
		async peek() {
			await load();
			return waiting[0] ?? null;
		},
		async open() {
			await load();
			for (const { object } of waiting.slice(0, AHEAD)) fetch(object);
			const taken = waiting.shift();
			if (!taken) return [];
			taken.leave();
			const records = await fetch(taken.object).catch((error) => {
				if (!(error instanceof LakeError) || !onBroken) throw error;
				onBroken(error);
				return null;
			});
			fetched.delete(taken.object);
			if (records === null) return [];
			onObject?.(taken.partition, taken.object, records);
			if (!isSorted(records)) records.sort(compareRecords);
			const unknown = records.filter(({ label }) => label !== "" && !labels.has(label));
			if (unknown.length > 0) {
				for (const { label } of unknown) labels.add(label);
				await learnLabels();
				waiting.sort(compareRecords);
			}
			return records;
		},
	};
}

async function readRecords(place: LakePlace, object: LakeObject): Promise<LakeRecord[]> {
	const lines = await readLines(place, object);
	return lines.map((line, index) => parseRecord(line, object.key, index + 1));
}

/** The lake of a Kinesis reader keeps the order of arrival, which is that of each item only. */
function isSorted(records: readonly LakeRecord[]): boolean {
	return records.every((record, index) => index === 0 || compareRecords(records[index - 1] ?? record, record) <= 0);
}
