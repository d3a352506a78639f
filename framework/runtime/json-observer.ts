import type { Manifest } from "../contract/manifest.ts";
import {
	CONSUMER_METRICS,
	type ConsumerMetric,
	METRIC_DIMENSIONS,
	METRIC_NAMESPACE,
	WRITER_METRICS,
} from "../contract/metrics.ts";
import { safeEventID } from "./arrival.ts";
import type { Delivery, DeliveryOutcome, Observer } from "./observer.ts";

type Counts = Record<Exclude<ConsumerMetric, "age">, number> & { ages: number[] };

/** Values of one metric in one line (CloudWatch user guide, "Embedded metric format specification"). */
const MOST_VALUES = 100;

/** Failures of one kind that are named in a line; a receiver that is down would fill the log otherwise. */
const MOST_NAMED = 10;

const COUNTED: Readonly<Record<DeliveryOutcome, Exclude<ConsumerMetric, "age"> | null>> = {
	delivered: "delivered",
	deduplicated: "deduplicated",
	retry: "retried",
	reject: "parked",
	held: "held",
	skipped: null,
};

/** Characters of an eventID that decide whether it is sampled. */
const SAMPLED_UNITS = 12;

/** Where lines go, and what time it is. */
export interface Surroundings {
	write(line: string): void;
	/** Epoch milliseconds. */
	now(): number;
}

/**
 * Logs as JSON lines and metrics in CloudWatch's embedded metric format, on standard output: Lambda ships both without a call.
 * What is written is names, identities, counts and reasons, never a payload.
 */
export function createJsonObserver(manifest: Manifest, { write, now }: Surroundings): Observer {
	const { environment, pipeline } = manifest;
	let requestId = "";
	// A replay counts as a consumer of its own: its ages are those of the lake.
	let suffix = "";
	let consumers = new Map<string, Counts>();
	let failures = new Map<string, { consumer: string; reason: string | null; eventIDs: string[]; count: number }>();
	const log = (level: string, message: string, more: object): void =>
		write(
			JSON.stringify({
				timestamp: new Date(now()).toISOString(),
				level,
				message,
				environment,
				pipeline,
				function: manifest.function,
				requestId,
				...more,
			}),
		);
	const measure = (consumer: string, units: Readonly<Record<string, string>>, values: object): void =>
		write(
			JSON.stringify(
				embeddedMetrics(
					{ environment, pipeline, consumer: `${consumer}${suffix}` },
					units,
					{ ...values, requestId },
					now(),
				),
			),
		);
	const countsOf = (consumer: string): Counts => {
		const known = consumers.get(consumer);
		if (known) return known;
		const counts = nothingCounted();
		consumers.set(consumer, counts);
		return counts;
	};
	return {
		begin(id, replays) {
			requestId = id;
			suffix = replays ? ".replay" : "";
		},
		delivery(delivery) {
			const { consumer, eventID, reason, outcome, ageMilliseconds } = delivery;
			count(countsOf(consumer), delivery);
			if (outcome === "reject") log("ERROR", "parked", { consumer, eventID: safeEventID(eventID), reason });
			else if (isSampled(eventID, manifest.logs.sampleRate))
				log("DEBUG", outcome, { consumer, eventID: safeEventID(eventID), reason, ageMilliseconds });
			if (outcome !== "retry") return;
			const failure = failures.get(`${consumer} ${reason}`) ?? { consumer, reason, eventIDs: [], count: 0 };
			failures.set(`${consumer} ${reason}`, failure);
			failure.count += 1;
			if (failure.eventIDs.length < MOST_NAMED) failure.eventIDs.push(safeEventID(eventID));
		},
		skipped(consumer, eventID, reason) {
			countsOf(consumer).received += 1;
			if (isSampled(eventID, manifest.logs.sampleRate))
				log("DEBUG", "skipped", { consumer, eventID: safeEventID(eventID), reason: reason() });
		},
		writer: (report) => measure("router", WRITER_METRICS, report),
		trouble: (message) => log("ERROR", message, {}),
		flush() {
			for (const failure of failures.values()) log("WARN", "retry", failure);
			for (const [consumer, { ages, ...counts }] of consumers) {
				const { age, ...counters } = CONSUMER_METRICS;
				const units = ages.length > 0 ? CONSUMER_METRICS : counters;
				measure(consumer, units, ages.length > 0 ? { ...counts, age: spread(ages) } : counts);
			}
			consumers = new Map();
			failures = new Map();
		},
	};
}

/** Metrics as one line in CloudWatch's embedded metric format; members without a unit are told beside them. */
export function embeddedMetrics(
	dimensions: Record<(typeof METRIC_DIMENSIONS)[number], string>,
	units: Readonly<Record<string, string>>,
	values: object,
	now: number,
): object {
	return {
		_aws: {
			Timestamp: now,
			CloudWatchMetrics: [
				{
					Namespace: METRIC_NAMESPACE,
					Dimensions: [METRIC_DIMENSIONS],
					Metrics: Object.entries(units).map(([Name, Unit]) => ({ Name, Unit })),
				},
			],
		},
		...dimensions,
		...values,
	};
}

const nothingCounted = (): Counts => ({
	received: 0,
	selected: 0,
	delivered: 0,
	deduplicated: 0,
	retried: 0,
	rejected: 0,
	parked: 0,
	held: 0,
	ages: [],
});

function count(counts: Counts, { outcome, refused, ageMilliseconds }: Delivery): void {
	counts.received += 1;
	counts.selected += 1;
	const counted = COUNTED[outcome];
	if (counted) counts[counted] += 1;
	if (refused) counts.rejected += 1;
	if (outcome === "delivered") counts.ages.push(ageMilliseconds);
}

/** As many of the ages as a line takes, from the least to the most, so that percentiles stay true. */
function spread(ages: number[]): number[] {
	if (ages.length <= MOST_VALUES) return ages;
	const falls = isFalling(ages);
	const ordered = falls ? ages : new Float64Array(ages).sort();
	const last = ages.length - 1;
	return Array.from({ length: MOST_VALUES }, (_, index) => {
		const place = Math.round((index * last) / (MOST_VALUES - 1));
		return ordered[falls ? last - place : place] as number;
	});
}

/** Records of a batch stand in the order of their times: sorting them is mostly done already. */
function isFalling(ages: readonly number[]): boolean {
	for (let index = 1; index < ages.length; index++)
		if ((ages[index] as number) > (ages[index - 1] as number)) return false;
	return true;
}

/** The same events at every function and consumer, so that the lines of one event tell its whole way. */
export function isSampled(eventID: string, rate: number): boolean {
	if (rate <= 0) return false;
	// FNV-1a: a cryptographic hash of each record would cost more than deciding what becomes of it. DynamoDB's ids are random to their ends.
	let hash = 0x811c9dc5;
	for (let index = Math.max(0, eventID.length - SAMPLED_UNITS); index < eventID.length; index++)
		hash = Math.imul(hash ^ eventID.charCodeAt(index), 0x01000193);
	return (hash >>> 0) / 2 ** 32 < rate;
}
