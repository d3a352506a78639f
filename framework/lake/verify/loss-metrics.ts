import { type CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import {
	type ConsumerMetric,
	METRIC_DIMENSIONS,
	METRIC_NAMESPACE,
	type MetricDimensions,
} from "../../contract/metrics.ts";
import type { TimeRange } from "../range.ts";

/** CloudWatch keeps sums of an hour the longest: 455 days (API reference, GetMetricData). */
const HOUR = 3600;
const LONGEST_DAYS = 455;

/** Whose metrics are read. */
export interface Measured {
	dimensions: MetricDimensions;
	functionName: string;
	/** UUID of the mapping that feeds the function; null = nobody counts what it reads. */
	mapping: string | null;
}

/** What was counted of the lake function in whole hours. */
export interface LossMetrics {
	/** From the first hour that has a count, epoch seconds; null when nothing was counted. */
	from: number | null;
	/** Records that the function reported stored; a batch that came again counts again. */
	stored: number;
	/** Age of the oldest record that it met, in milliseconds. */
	oldest: number;
	/** Of the mapping; null when it counts nothing. */
	mapping: {
		/** Records that it gave up without a trace, and those that it dumped. */
		dropped: number;
		dumped: number;
		/** Most hours in a row in which it asked the stream for nothing. */
		pausedHours: number;
	} | null;
}

type Series = ReadonlyMap<number, number>;

/** Reads the metrics by which a loss would show. `now` in epoch seconds. */
export async function readLossMetrics(
	client: CloudWatchClient,
	{ dimensions, functionName, mapping }: Measured,
	{ from }: Pick<TimeRange, "from">,
	now: number,
): Promise<LossMetrics> {
	const start = Math.floor(Math.max(from, now - LONGEST_DAYS * 86_400) / HOUR) * HOUR;
	const end = Math.ceil((now + 1) / HOUR) * HOUR;
	const own = (name: ConsumerMetric, Stat: string) =>
		query(
			name,
			METRIC_NAMESPACE,
			name,
			Object.fromEntries(METRIC_DIMENSIONS.map((key) => [key, dimensions[key]])),
			Stat,
		);
	const fed = (name: string) =>
		mapping === null ? [] : [query(name, "AWS/Lambda", name, { EventSourceMappingUUID: mapping }, "Sum")];
	const MetricDataQueries = [
		own("delivered", "Sum"),
		own("age", "Maximum"),
		query("IteratorAge", "AWS/Lambda", "IteratorAge", { FunctionName: functionName }, "Maximum"),
		...["PolledEventCount", "DroppedEventCount", "OnFailureDestinationDeliveredEventCount"].flatMap(fed),
	];
	const series = new Map<string, Map<number, number>>();
	const span = { StartTime: new Date(start * 1000), EndTime: new Date(end * 1000) };
	for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, { MetricDataQueries, ...span }))
		for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
			const points = series.get(Id) ?? new Map<number, number>();
			series.set(Id, points);
			for (const [index, at] of Timestamps.entries()) points.set(at.getTime() / 1000, Values[index] ?? 0);
		}
	return summarize((name) => series.get(idOf(name)) ?? new Map(), now);
}

/** Ids begin with a lower-case letter. */
const idOf = (name: string): string => `m${name}`;

function query(
	name: string,
	Namespace: string,
	MetricName: string,
	dimensions: Readonly<Record<string, string>>,
	Stat: string,
): MetricDataQuery {
	const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
	return { Id: idOf(name), MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: HOUR, Stat } };
}

function summarize(of: (name: string) => Series, now: number): LossMetrics {
	const sum = (name: string): number => [...of(name).values()].reduce((total, value) => total + value, 0);
	const most = (name: string): number => [...of(name).values()].reduce((one, other) => Math.max(one, other), 0);
	const hours = [...of("delivered").keys()].sort((one, other) => one - other);
	const polled = of("PolledEventCount");
	return {
		from: hours[0] ?? null,
		stored: sum("delivered"),
		// A dump that is redriven makes the function's own ages old, and not the mapping's.
		oldest: most(of("IteratorAge").size > 0 ? "IteratorAge" : "age"),
		mapping:
			polled.size === 0
				? null
				: {
						dropped: sum("DroppedEventCount"),
						dumped: sum("OnFailureDestinationDeliveredEventCount"),
						pausedHours: longestPause([...polled.keys()], now),
					},
	};
}

/** A mapping that polls counts, be it 0 (Lambda developer guide, "Event source mapping metrics"): an hour without a count is one without a poll. */
function longestPause(hours: number[], now: number): number {
	const ends = [...hours.sort((one, other) => one - other), Math.floor(now / HOUR) * HOUR];
	return ends.reduce((longest, hour, index) => Math.max(longest, (hour - (ends[index - 1] ?? hour)) / HOUR - 1), 0);
}
