import type { LakePlace } from "../place.ts";
import { isClosed, type TimeRange } from "../range.ts";
import { readRuns } from "../read-records.ts";
import { createChains } from "./check-chains.ts";
import { checkObject } from "./check-object.ts";
import type { Finding } from "./finding.ts";
import type { Witnessed } from "./stream-witness.ts";

export interface VerifyOptions {
	/** Epoch seconds. */
	now: number;
	/** A second witness: everything it still knows. null = nobody else is asked. */
	witness: { name: string; records: AsyncIterable<readonly Witnessed[]>; settledBefore: number } | null;
	onFinding(finding: Finding): void;
	onProgress?(records: number): void;
	signal?: AbortSignal;
}

export interface Verification {
	hours: number;
	/** Hours that may still be added to. */
	openHours: number;
	objects: number;
	/** Each once. */
	records: number;
	/** Lines beyond that: what overlapping objects repeat. */
	repeats: number;
	findings: number;
	chains: { compared: number; forgotten: number };
	/** Records that the witness knows of the range; null without one. `pending`: too young to be missed. */
	witness: { name: string; records: number; pending: number } | null;
	/** `complete` only on the word of a witness. */
	verdict: "consistent" | "complete" | "inconsistent";
}

/** Checks a lake against itself, and against a witness if there is one. Reads it once, in memory that its size does not change. */
export async function verifyLake(
	place: LakePlace,
	range: TimeRange,
	{ now, witness, onFinding, onProgress, signal }: VerifyOptions,
): Promise<Verification> {
	const sums = { hours: 0, openHours: 0, objects: 0, lines: 0, records: 0, findings: 0 };
	const report = (finding: Finding): void => {
		sums.findings += 1;
		onFinding(finding);
	};
	const expected = witness && (await collect(witness.records, range));
	const chains = createChains();
	const runs = readRuns(place, range, {
		onBroken: ({ key, line, message }) => report({ code: "broken", key, line, detail: message }),
		onHour(hour) {
			sums.hours += 1;
			if (!isClosed(hour.start, now)) sums.openHours += 1;
			for (const key of hour.strangers)
				report({ code: "stranger", key, line: null, detail: "No lake function writes objects of such a name." });
		},
		onObject(partition, object, records) {
			sums.objects += 1;
			sums.lines += records.filter(({ time }) => time >= range.from && time < range.to).length;
			for (const finding of checkObject(partition, object, records)) report(finding);
		},
	});
	for await (const run of runs) {
		sums.records += run.length;
		for (const record of run) {
			const finding = chains.check(record);
			if (finding) report(finding);
			expected?.delete(record.eventID);
		}
		onProgress?.(sums.records);
		if (signal?.aborted) break;
	}
	const told = witness && expected ? judge(expected, witness, report) : null;
	return {
		hours: sums.hours,
		openHours: sums.openHours,
		objects: sums.objects,
		records: sums.records,
		repeats: sums.lines - sums.records,
		findings: sums.findings,
		chains: { compared: chains.compared, forgotten: chains.forgotten },
		witness: told,
		verdict: sums.findings > 0 ? "inconsistent" : told && told.pending === 0 ? "complete" : "consistent",
	};
}

/** What the witness knows of the range, by eventID: its time. */
async function collect(pages: AsyncIterable<readonly Witnessed[]>, { from, to }: TimeRange) {
	const expected = new Map<string, number>();
	for await (const page of pages)
		for (const { eventID, time } of page) if (time >= from && time < to) expected.set(eventID, time);
	return Object.assign(expected, { total: expected.size });
}

function judge(
	left: Map<string, number> & { total: number },
	{ name, settledBefore }: NonNullable<VerifyOptions["witness"]>,
	report: (finding: Finding) => void,
): NonNullable<Verification["witness"]> {
	const missing = [...left].filter(([, time]) => time < settledBefore);
	for (const [eventID] of missing)
		report({
			code: "missing",
			key: null,
			line: null,
			detail: `The ${name} has the record ${eventID}; the lake does not.`,
		});
	return { name, records: left.total, pending: left.size - missing.length };
}
