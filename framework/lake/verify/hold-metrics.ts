import { listStoredSince } from "../list.ts";
import type { LakePlace } from "../place.ts";
import type { Finding } from "./finding.ts";
import type { LossMetrics } from "./loss-metrics.ts";
import type { Testimony } from "./witness.ts";

/** A reader so near to the end of what the stream keeps may have lost what was just beyond. */
const NEAR_SECONDS = 3600;

/** What a function counts stands in CloudWatch a few minutes later. */
const COUNTED_AFTER_SECONDS = 600;

export interface MetricsWitness {
	name: string;
	/** Hours that the source of the lake function keeps a record. */
	retentionHours: number;
	/** Seconds from an object's storing to its being counted. */
	countedWithin: number;
	/** Read before the objects are looked at: whatever is counted was stored before. */
	metrics: LossMetrics;
}

/** What the metrics say, and what of it the lake bears out. */
export interface MetricsTestimony extends LossMetrics {
	name: string;
	retentionHours: number;
	/** Epoch seconds. */
	to: number;
	/** Records in objects that were stored in those hours, by their names. */
	held: number;
	/** The metrics count more than there is, and a witness that knows each record misses none: a batch was stored twice. */
	overruled: boolean;
	/** Whether, as far as metrics can tell, nothing was lost. */
	vouches: boolean;
}

/** Holds the lake to the metrics. `heard`: what those said who know each record. */
export async function holdMetrics(
	{ name, retentionHours, countedWithin, metrics }: MetricsWitness,
	place: LakePlace,
	heard: readonly Testimony[],
	to: number,
	report: (finding: Finding) => void,
): Promise<MetricsTestimony> {
	const { from, stored, oldest, mapping } = metrics;
	const held = { most: 0, least: 0 };
	if (from !== null)
		for await (const { storedAt, count } of listStoredSince(place, from - countedWithin)) {
			held.most += count;
			if (storedAt >= from * 1000 && storedAt < (to - COUNTED_AFTER_SECONDS) * 1000) held.least += count;
		}
	const overruled = stored > held.most && heard.some((each) => covers(each, from ?? 0));
	const tell = (detail: string): void => report({ code: "loss", key: null, line: null, detail });
	if (stored > held.most && !overruled)
		tell(
			`The lake function counted ${stored} records stored; objects of that time hold ${held.most}. Objects are gone, or a batch was stored twice under one name after an answer that was lost.`,
		);
	const late = oldest >= (retentionHours * 3600 - NEAR_SECONDS) * 1000;
	if (late)
		tell(`The lake function was as far behind as its source keeps records: ${hours(oldest)} of ${retentionHours} h.`);
	if (mapping && mapping.dropped > 0) tell(`The mapping of the lake function dropped ${mapping.dropped} records.`);
	const paused = mapping !== null && mapping.pausedHours >= retentionHours - NEAR_SECONDS / 3600;
	if (paused)
		tell(
			`The mapping of the lake function read nothing for ${mapping.pausedHours} h: records may have left the source.`,
		);
	const vouches =
		from !== null &&
		mapping !== null &&
		held.least <= stored &&
		stored <= held.most &&
		!late &&
		!paused &&
		mapping.dropped + mapping.dumped === 0;
	return { ...metrics, name, retentionHours, to, held: held.most, overruled, vouches };
}

/** Whether a witness misses nothing since a time: to the hour, for metrics tell no more. */
function covers({ from, missing, unknown, pending }: Testimony, since: number): boolean {
	return from < since + 3600 && missing + unknown + pending === 0;
}

const hours = (milliseconds: number): string => `${(milliseconds / 3_600_000).toFixed(1)} h`;
