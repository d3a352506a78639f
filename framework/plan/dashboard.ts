import { arnOf } from "../contract/arns.ts";
import {
	type ConsumerMetric,
	METRIC_DIMENSIONS,
	METRIC_NAMESPACE,
	type MetricDimensions,
	REDRIVE_METRICS,
	type RedriveMetric,
	WRITER_METRICS,
	type WriterMetric,
} from "../contract/metrics.ts";
import type { ConsumerSettings } from "../definition/types.ts";
import { ageLimit, planAlarms } from "./alarms.ts";
import { alarmsOf, type Scope, tableName } from "./scope.ts";
import type { PlannedFunction, PlannedResource } from "./types.ts";
import { duration } from "./words.ts";

/**
 * CloudWatch API reference, "Dashboard body structure": a grid of 24 columns. Widgets without a place follow one another from the left.
 * Colours, legends and periods are CloudWatch's own: it knows the reader's screen and time range.
 */
interface Widget {
	type: "metric" | "text" | "alarm";
	width: number;
	height: number;
	properties: object;
}

/** `[namespace, name, dimension, value, …, options]`, or an expression's options alone. */
type Metric = (string | object)[];

const FULL = 24;

/** Of one alarm widget; the same page. */
const MOST_ALARMS = 100;

/** The pipeline's dashboard: what is behind, what fails, what each consumer gets, what the sources do. Locally there is no CloudWatch. */
export function planDashboard(scope: Scope, functions: readonly PlannedFunction[]): PlannedResource[] {
	const { environment, names, definition } = scope;
	if (environment === "local") return [];
	return [
		{
			type: "AWS::CloudWatch::Dashboard",
			id: "dashboard",
			name: names.dashboard(definition.name),
			why: "Shows how far each function is, what fails and what each consumer gets.",
			properties: {
				body: {
					widgets: [
						describePipeline(scope),
						...showAlarms(scope, functions),
						...showFunctions(scope, functions),
						...showWriter(scope),
						...definition.consumers.flatMap((consumer) => showConsumer(scope, consumer)),
						...showSources(scope),
					],
				},
			},
		},
	];
}

function describePipeline({ environment, definition }: Scope): Widget {
	const { name, owner, description, alarms } = definition;
	const facts = [
		...(description === null ? [] : [description]),
		...(owner === null ? [] : [`Owner: ${owner}.`]),
		...(alarms?.runbook ? [`[Runbook](${alarms.runbook})`] : []),
	];
	return {
		type: "text",
		width: FULL,
		height: 2,
		properties: { markdown: `## ${name} (${environment})\n${facts.join(" ")}` },
	};
}

function showAlarms(scope: Scope, functions: readonly PlannedFunction[]): Widget[] {
	const arns = planAlarms(scope, functions).map(({ name }) => arnOf("cloudwatch", `alarm:${name}`));
	return Array.from({ length: Math.ceil(arns.length / MOST_ALARMS) }, (_, index) => ({
		type: "alarm",
		width: FULL,
		height: 3,
		properties: { title: "Alarms", alarms: arns.slice(index * MOST_ALARMS, (index + 1) * MOST_ALARMS) },
	}));
}

function graph(title: string, width: number, stat: string, metrics: Metric[], more: object = {}): Widget {
	return {
		type: "metric",
		width,
		height: 6,
		properties: { title, region: "${region}", view: "timeSeries", stat, metrics, ...more },
	};
}

function showFunctions(scope: Scope, functions: readonly PlannedFunction[]): Widget[] {
	const of = (metricName: string): Metric[] =>
		functions.map(({ id, name }) => ["AWS/Lambda", metricName, "FunctionName", name, { label: id }]);
	return [
		graph("Behind (iterator age)", 12, "Maximum", of("IteratorAge"), { annotations: markAges(scope, functions) }),
		graph("Invocations", 12, "Sum", of("Invocations")),
		graph("Errors", 8, "Sum", of("Errors")),
		graph("Throttles", 8, "Sum", of("Throttles")),
		graph("Duration, p99", 8, "p99", of("Duration")),
	];
}

/** Where alarms go off, once for each age. */
function markAges(scope: Scope, functions: readonly PlannedFunction[]): object {
	const alarms = alarmsOf(scope);
	const limits = new Set(alarms === null ? [] : functions.map((planned) => ageLimit(scope, alarms, planned)));
	return {
		horizontal: [...limits].map((seconds) => ({ label: `alarm at ${duration(seconds)}`, value: seconds * 1000 })),
	};
}

/** In the order in which records go through. */
const COUNTS: readonly ConsumerMetric[] = [
	"received",
	"selected",
	"delivered",
	"deduplicated",
	"retried",
	"held",
	"rejected",
	"parked",
];

function showConsumer({ environment, definition }: Scope, { name: consumer, redrive }: ConsumerSettings): Widget[] {
	const dimensions = dimensionsOf({ environment, pipeline: definition.name, consumer });
	const of = (metric: ConsumerMetric | RedriveMetric): Metric => [METRIC_NAMESPACE, metric, ...dimensions];
	const counts = [...COUNTS, ...(redrive ? (Object.keys(REDRIVE_METRICS) as RedriveMetric[]) : [])];
	const ages = ["p50", "p99"].map((stat): Metric => [...of("age"), { stat, label: stat }]);
	return [
		graph(`${consumer}: records`, 12, "Sum", counts.map(of)),
		graph(`${consumer}: age at delivery`, 12, "p50", ages),
	];
}

/** How the router gets on with Kinesis; a direct one has none. */
function showWriter({ environment, definition }: Scope): Widget[] {
	if (definition.fanOut.mode === "direct") return [];
	const metrics = (Object.keys(WRITER_METRICS) as WriterMetric[]).filter((name) => WRITER_METRICS[name] === "Count");
	const dimensions = dimensionsOf({ environment, pipeline: definition.name, consumer: "router" });
	return [
		graph(
			"Router to Kinesis",
			FULL,
			"Sum",
			metrics.map((name) => [METRIC_NAMESPACE, name, ...dimensions]),
		),
	];
}

const dimensionsOf = (values: MetricDimensions): string[] => METRIC_DIMENSIONS.flatMap((name) => [name, values[name]]);

function showSources(scope: Scope): Widget[] {
	const { names, definition } = scope;
	const table = tableName(scope);
	const ofTable = (metricName: string): Metric => ["AWS/DynamoDB", metricName, "TableName", table];
	const stream = names.stream(definition.name);
	const ofStream = (metricName: string): Metric => ["AWS/Kinesis", metricName, "StreamName", stream];
	const { ttl } = definition.table;
	// A stream's label is not known before it is made, and changes with the stream.
	const read = `SEARCH('{AWS/DynamoDB,Operation,StreamLabel,TableName} TableName="${table}" MetricName="ReturnedRecordsCount"', 'Sum', 60)`;
	return [
		graph("Table: stream records read", 8, "Sum", [[{ expression: read, label: "" }]]),
		graph("Table: writes", 8, "Sum", [
			ofTable("ConsumedWriteCapacityUnits"),
			ofTable("WriteThrottleEvents"),
			...(ttl === null ? [] : [ofTable("TimeToLiveDeletedItemCount")]),
		]),
		...(definition.fanOut.mode === "direct"
			? []
			: [
					graph("Kinesis", 8, "Sum", [
						ofStream("IncomingRecords"),
						ofStream("WriteProvisionedThroughputExceeded"),
						ofStream("ReadProvisionedThroughputExceeded"),
					]),
				]),
	];
}
