import type { LakePlace } from "../place.ts";
import type { TimeRange } from "../range.ts";
import { readRuns } from "../read-records.ts";
import type { LakeRecord } from "../record.ts";
import type { Finding } from "./finding.ts";
import { createMinutes, differences, type MinuteMark, type Minutes, minuteOf } from "./minutes.ts";
import type { RecordWitness, Testimony, Witnessed } from "./witness.ts";

/** Records of a witness that are held against the lake's one by one; of minutes beyond them only the numbers are told. */
const MOST_COMPARED = 200_000;

/** A witness that has spoken, while the lake is read. */
export interface Hearing {
	identity: string;
	/** Takes each record of the lake; answers whether the witness can speak of it. */
	meet(record: LakeRecord): boolean;
	/** Whether it still can speak of the records that it met of a minute. */
	covers(minute: number): boolean;
	/** What it has met, to go on with when it has spoken anew. */
	mark(): HearingMark;
	/** Once the lake is read: what differs, looked at again record by record. */
	close(report: (finding: Finding) => void): Promise<Testimony>;
}

export interface HearingMark {
	identity: string;
	/** Epoch seconds, as of the first start. */
	from: number;
	settledBefore: number;
	stored: MinuteMark[];
}

/**
 * Lets a witness speak before the lake is read: what it knows then and is old enough must be there. `before`: what it had met of the lake when the reading was
 * stopped. What it has forgotten since it does not speak of, from a whole minute on; what was too young at the first start, when hours were listed, stays too young.
 */
export async function hear(
	witness: RecordWitness,
	place: LakePlace,
	range: TimeRange,
	{ now, signal, before }: { now: number; signal?: AbortSignal; before?: HearingMark | undefined },
): Promise<Hearing> {
	const { name, identity } = witness;
	const settledBefore = Math.min(witness.settledBefore, before?.settledBefore ?? Number.POSITIVE_INFINITY);
	const of = { from: beginningOf(witness, range, before), to: Math.min(range.to, now) };
	const isOf = ({ time }: Witnessed): boolean => time >= of.from && time < range.to;
	const known = createMinutes();
	for await (const page of witness.read({ from: of.from, to: range.to })) {
		for (const record of page) if (isOf(record)) known.add(record);
		if (signal?.aborted) break;
	}
	const covers = (minute: number): boolean => minute >= minuteOf(of.from);
	const stored = createMinutes(before?.stored.filter(([minute]) => covers(minute)));
	return {
		identity,
		covers,
		mark: () => ({ identity, from: of.from, settledBefore, stored: stored.mark() }),
		meet(record) {
			if (!isOf(record) || !witness.concerns(record)) return false;
			stored.add(record);
			return true;
		},
		async close(report) {
			const differing = differences(known, stored);
			const isSettled = (minute: number): boolean => Math.min((minute + 1) * 60, range.to) <= settledBefore;
			const young = differing.filter((minute) => !isSettled(minute));
			const pending = young.reduce(
				(sum, minute) => sum + Math.max(0, known.of(minute).count - stored.of(minute).count),
				0,
			);
			const found = await compare(witness, place, differing.filter(isSettled), { known, stored, isOf, report });
			return { name, ...of, records: known.records, pending, ...found };
		},
	};
}

function beginningOf(witness: RecordWitness, range: TimeRange, before: HearingMark | undefined): number {
	const from = Math.max(range.from, witness.from);
	if (!before) return from;
	return from > before.from ? Math.ceil(from / 60) * 60 : before.from;
}

interface Comparison {
	known: Minutes;
	stored: Minutes;
	/** Whether a record lies where the witness can speak. */
	isOf(record: Witnessed): boolean;
	report(finding: Finding): void;
}

/** Reads both again where they differ: what came in between no longer does. */
async function compare(
	witness: RecordWitness,
	place: LakePlace,
	minutes: readonly number[],
	{ known, stored, isOf, report }: Comparison,
): Promise<Pick<Testimony, "missing" | "unknown">> {
	const sums = { missing: 0, unknown: 0 };
	const tell = (code: "missing" | "unknown", records: number, detail: string): void => {
		sums[code] += records;
		if (code === "missing" || witness.exact) report({ code, key: null, line: null, detail });
	};
	let room = MOST_COMPARED;
	const near = minutes.filter((minute) => {
		room -= Math.max(known.of(minute).count, stored.of(minute).count);
		return room >= 0;
	});
	for (const minute of minutes.slice(near.length)) {
		const [there, here] = [known.of(minute).count, stored.of(minute).count];
		const time = `${new Date(minute * 60_000).toISOString().slice(0, 16)}Z`;
		const detail = `The ${witness.name} has ${there} records of ${time}; the lake has ${here}, or others.`;
		tell(there < here ? "unknown" : "missing", Math.max(1, Math.abs(there - here)), detail);
	}
	for (const { code, eventID, time } of await compareEach(witness, place, near, isOf)) {
		const at = new Date(time * 1000).toISOString().replace(".000", "");
		if (code === "missing") tell(code, 1, `The ${witness.name} has the record ${eventID} of ${at}; the lake does not.`);
		else
			tell(
				code,
				1,
				`The lake has the record ${eventID} of ${at}; the ${witness.name}, which keeps that time, does not.`,
			);
	}
	return sums;
}

async function compareEach(
	witness: RecordWitness,
	place: LakePlace,
	minutes: readonly number[],
	isOf: Comparison["isOf"],
): Promise<(Witnessed & { code: "missing" | "unknown" })[]> {
	const [first, last] = [minutes[0], minutes.at(-1)];
	if (first === undefined || last === undefined) return [];
	const wanted = new Set(minutes);
	const isWanted = (record: Witnessed): boolean => wanted.has(minuteOf(record.time)) && isOf(record);
	const range = { from: first * 60, to: (last + 1) * 60 };
	const expected = new Map<string, number>();
	for await (const page of witness.read(range))
		for (const record of page) if (isWanted(record)) expected.set(record.eventID, record.time);
	const unknown: Witnessed[] = [];
	// What cannot be read was told when the lake was read first.
	for await (const run of readRuns(place, range, { onBroken() {} }))
		for (const record of run)
			if (isWanted(record) && !expected.delete(record.eventID) && witness.concerns(record))
				unknown.push({ eventID: record.eventID, time: record.time });
	return [
		...Array.from(expected, ([eventID, time]) => ({ code: "missing" as const, eventID, time })),
		...unknown.map((each) => ({ code: "unknown" as const, ...each })),
	];
}
