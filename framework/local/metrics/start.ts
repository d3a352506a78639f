import { AwsError, type JsonInput, serveAwsJson } from "../aws-json.ts";
import type { LocalService } from "../http.ts";
import { type EmbeddedValues, readEmbedded } from "./read-embedded.ts";

export interface MetricsOptions {
	/** Where the functions' logs lie. */
	logs: string;
}

interface Query {
	Id: string;
	MetricStat?: {
		Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
		Period: number;
		Stat: string;
	};
}

const STATISTICS: Readonly<Record<string, (sum: number, value: number) => number>> = {
	Sum: (sum, value) => sum + value,
	Maximum: Math.max,
};

/** CloudWatch's GetMetricData of what the functions wrote in the embedded metric format: sums and maxima, without expressions. */
export function startMetrics({ logs }: MetricsOptions): LocalService {
	return serveAwsJson({
		async GetMetricData(input) {
			const queries = (Array.isArray(input.MetricDataQueries) ? input.MetricDataQueries : []) as Query[];
			const series = queries.map((query) => openSeries(query, spanOf(input)));
			for await (const value of readEmbedded(logs)) for (const each of series) each.add(value);
			return { MetricDataResults: series.map(({ result }) => result()), Messages: [] };
		},
	});
}

/** Epoch milliseconds. */
function spanOf({ StartTime, EndTime }: JsonInput): [start: number, end: number] {
	const [start, end] = [Number(StartTime) * 1000, Number(EndTime) * 1000];
	if (!(start < end)) throw new AwsError("ValidationError", "The parameter StartTime must be less than EndTime.");
	return [start, end];
}

function openSeries({ Id, MetricStat }: Query, [start, end]: [number, number]) {
	const fold = STATISTICS[MetricStat?.Stat ?? ""];
	if (!MetricStat || !fold)
		throw new AwsError(
			"ValidationError",
			`${Id}: served here are the statistics ${Object.keys(STATISTICS).join(", ")}.`,
		);
	const { Metric, Period } = MetricStat;
	const wanted = identityOf(
		Metric.Namespace,
		Metric.MetricName,
		(Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
	);
	const points = new Map<number, number>();
	return {
		add({ namespace, name, dimensions, time, values }: EmbeddedValues): void {
			if (time < start || time >= end || identityOf(namespace, name, dimensions) !== wanted) return;
			const at = Math.floor(time / 1000 / Period) * Period;
			for (const value of values) points.set(at, points.has(at) ? fold(points.get(at) ?? 0, value) : value);
		},
		result() {
			const newestFirst = [...points].sort(([one], [other]) => other - one);
			return {
				Id,
				Label: Metric.MetricName,
				Timestamps: newestFirst.map(([at]) => at),
				Values: newestFirst.map(([, value]) => value),
				StatusCode: "Complete",
			};
		},
	};
}

/** A metric is its namespace, its name and its set of dimensions. */
function identityOf(namespace: string, name: string, dimensions: readonly (readonly [string, string])[]): string {
	return JSON.stringify([namespace, name, [...dimensions].sort()]);
}
