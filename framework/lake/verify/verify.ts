import type { LakePlace } from "../place.ts";
import { isClosed, type TimeRange } from "../range.ts";
import { readRuns } from "../read-records.ts";
import { createChains } from "./check-chains.ts";
import { checkObject } from "./check-object.ts";
import type { Finding } from "./finding.ts";
import { type Hearing, hear } from "./hear.ts";
import { holdMetrics, type MetricsTestimony, type MetricsWitness } from "./hold-metrics.ts";
import type { RecordWitness, Testimony } from "./witness.ts";

export interface VerifyOptions {
	/** Epoch seconds. */
	now: number;
	/** Who else is asked. */
	witnesses: readonly RecordWitness[];
	/** Metrics by which a loss would show; null = they are not asked. */
	metrics: MetricsWitness | null;
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
	witnesses: Testimony[];
	metrics: MetricsTestimony | null;
	/** Records that no witness of single records can speak of: older than what it keeps, or of another stream. */
	unwitnessed: number;
	/** `complete` only on the word of a witness. `interrupted`: what was read till then, and no witness was held to it. */
	verdict: "consistent" | "complete" | "inconsistent" | "interrupted";
}

/** Checks a lake against itself, and against witnesses. Reads it once, and again where it differs, in memory that its size does not change. */
export async function verifyLake(place: LakePlace, range: TimeRange, options: VerifyOptions): Promise<Verification> {
	const { now, witnesses, metrics, signal } = options;
	let findings = 0;
	const report = (finding: Finding): void => {
		findings += 1;
		options.onFinding(finding);
	};
	const hearings = await Promise.all(witnesses.map((witness) => hear(witness, place, range, options)));
	const { unwitnessed, chains, ...sums } = await readAll(place, range, options, hearings, report);
	const found: Testimony[] = [];
	if (!signal?.aborted) for (const hearing of hearings) found.push(await hearing.close(report));
	const told = metrics && !signal?.aborted ? await holdMetrics(metrics, place, found, now, report) : null;
	const isComplete =
		(found.length > 0 && unwitnessed === 0 && found.every(({ pending, unknown }) => pending + unknown === 0)) ||
		told?.vouches;
	const verdict = findings > 0 ? "inconsistent" : isComplete ? "complete" : "consistent";
	return {
		...sums,
		findings,
		chains,
		witnesses: found,
		metrics: told,
		unwitnessed,
		verdict: signal?.aborted ? "interrupted" : verdict,
	};
}

async function readAll(
	place: LakePlace,
	range: TimeRange,
	{ now, onProgress, signal }: VerifyOptions,
	hearings: readonly Hearing[],
	report: (finding: Finding) => void,
) {
	const sums = { hours: 0, openHours: 0, objects: 0, records: 0, unwitnessed: 0 };
	let lines = 0;
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
			lines += records.filter(({ time }) => time >= range.from && time < range.to).length;
			for (const finding of checkObject(partition, object, records)) report(finding);
		},
	});
	for await (const run of runs) {
		sums.records += run.length;
		for (const record of run) {
			const finding = chains.check(record);
			if (finding) report(finding);
			let met = false;
			for (const hearing of hearings) met = hearing.meet(record) || met;
			if (!met) sums.unwitnessed += 1;
		}
		onProgress?.(sums.records);
		if (signal?.aborted) break;
	}
	const { compared, forgotten } = chains;
	return { ...sums, repeats: lines - sums.records, chains: { compared, forgotten } };
}
