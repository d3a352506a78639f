import type { LakePlace } from "../place.ts";
import type { TimeRange } from "../range.ts";
import { type Left, plainRead, type Read } from "../read.ts";
import type { Finding } from "./finding.ts";
import { hear } from "./hear.ts";
import { holdMetrics, type MetricsTestimony, type MetricsWitness } from "./hold-metrics.ts";
import { readThrough, type VerifyState } from "./read-through.ts";
import type { RecordWitness, Testimony } from "./witness.ts";

export interface VerifyOptions {
	/** Epoch seconds. */
	now: number;
	/** Who else is asked. */
	witnesses: readonly RecordWitness[];
	/** Metrics by which a loss would show; null = they are not asked. */
	metrics: MetricsWitness | null;
	onFinding(finding: Finding): void;
	signal?: AbortSignal;
	/** How the lake is read; without it, from its beginning. */
	read?: Read<VerifyState>;
	/** What the verification that this one goes on with had come to, and told. */
	left?: Left<VerifyState> | null;
	/** Called with a witness that was not heard when that one began: it can say nothing of what was read since. */
	onUnheard?(witness: RecordWitness): void;
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
	const { now, metrics, signal, left = null, read = plainRead(place, range, signal) } = options;
	let findings = left?.state.findings ?? 0;
	const report = (finding: Finding): void => {
		findings += 1;
		options.onFinding(finding);
	};
	const hearings = await Promise.all(
		heardOf(options).map((each) => hear(each.witness, place, range, { ...options, ...each })),
	);
	const { unwitnessed, chains, lines, ...sums } = await readThrough(read, {
		...{ range, now, hearings, left, report },
		findings: () => findings,
	});
	const found: Testimony[] = [];
	if (!signal?.aborted) for (const hearing of hearings) found.push(await hearing.close(report));
	const told = metrics && !signal?.aborted ? await holdMetrics(metrics, place, found, now, report) : null;
	const isComplete =
		(found.length > 0 && unwitnessed === 0 && found.every(({ pending, unknown }) => pending + unknown === 0)) ||
		told?.vouches;
	const verdict = findings > 0 ? "inconsistent" : isComplete ? "complete" : "consistent";
	return {
		...sums,
		repeats: lines - sums.records,
		findings,
		chains,
		witnesses: found,
		metrics: told,
		unwitnessed,
		verdict: signal?.aborted ? "interrupted" : verdict,
	};
}

/** The witnesses that are heard, with what those of an earlier reading had met. */
function heardOf({ witnesses, left, onUnheard }: VerifyOptions) {
	return witnesses.flatMap((witness) => {
		const before = left?.state.hearings.find(({ identity }) => identity === witness.identity);
		if (!left || before) return { witness, before };
		onUnheard?.(witness);
		return [];
	});
}
