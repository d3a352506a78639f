import {
	type ConsumerMetric,
	METRIC_NAMESPACE,
	type MetricDimensions,
	type RedriveMetric,
} from "../contract/metrics.ts";
import { TABLE_STREAM_RETENTION_HOURS } from "../contract/retention.ts";
import type { AlarmDefinition } from "../definition/types.ts";
import { retentionHours } from "./mapping.ts";
import { alarmsOf, type Scope } from "./scope.ts";
import type { AlarmProperties, PlannedFunction, PlannedResource } from "./types.ts";
import { duration } from "./words.ts";

/** What alarms watch; each has a section of this name in the runbook. */
export type Watched = "iterator-age" | "errors" | "throttles" | "failure-dumps" | "dead-letters" | "redrive";

/** Where the runbook is unless the definition names another. */
const RUNBOOK = "docs/runbook.md";

const LAMBDA = "AWS/Lambda";

/** How often, and how often in a row, something must be so before somebody is woken. */
const AT_ONCE = { periodSeconds: 300, evaluationPeriods: 1, datapointsToAlarm: 1 };
const LASTING = { periodSeconds: 300, evaluationPeriods: 3, datapointsToAlarm: 2 };

const SOME = {
	statistic: "Sum",
	threshold: 1,
	comparisonOperator: "GreaterThanOrEqualToThreshold",
	// No data is a quiet stream.
	treatMissingData: "notBreaching",
} as const;

/** The alarms of a pipeline: for each function and each consumer, on what loses records or holds them back. */
export function planAlarms(scope: Scope, functions: readonly PlannedFunction[]): PlannedResource[] {
	const alarms = alarmsOf(scope);
	if (!alarms) return [];
	return functions.flatMap((planned) => [
		alarm(scope, alarms, planned.id, watchAge(scope, alarms, planned)),
		alarm(scope, alarms, planned.id, watchErrors(planned)),
		alarm(scope, alarms, planned.id, watchThrottles(planned)),
		alarm(scope, alarms, planned.id, watchDumps(planned)),
		...planned.consumers.map((consumer) => alarm(scope, alarms, consumer, watchDeadLetters(scope, consumer))),
		...planned.redrives.map(({ consumer }) => alarm(scope, alarms, consumer, watchRedrive(scope, consumer))),
	]);
}

/** An alarm before it is known whose it is and who is told. */
interface Watch {
	watched: Watched;
	/** A sentence for whoever is woken. */
	meaning: string;
	properties: Omit<AlarmProperties, "description" | "topic">;
}

function alarm(
	{ environment, names, definition }: Scope,
	{ topic, runbook }: AlarmDefinition,
	of: string,
	{ watched, meaning, properties }: Watch,
): PlannedResource {
	const owner = definition.owner === null ? "" : ` Owner: ${definition.owner}.`;
	const page = `${runbook ?? RUNBOOK}#${watched}`;
	return {
		type: "AWS::CloudWatch::Alarm",
		id: `alarm-${of}-${watched}`,
		name: names.alarm(definition.name, of, watched),
		why: meaning,
		properties: {
			...properties,
			description: `${definition.name} (${environment}): ${meaning}${owner} Runbook: ${page}`,
			topic,
		},
	};
}

/** How far behind a function may be before its alarm goes off: a share of what its source keeps, in whole minutes. */
export function ageLimit(scope: Scope, { iteratorAgePercent }: AlarmDefinition, planned: PlannedFunction): number {
	return Math.round((sourceHours(scope, planned) * 60 * iteratorAgePercent) / 100) * 60;
}

/** Hours for which what a function reads is kept. */
function sourceHours({ definition }: Scope, { source }: PlannedFunction): number {
	return source.type === "dynamodb" ? TABLE_STREAM_RETENTION_HOURS : retentionHours(definition.fanOut);
}

function watchAge(scope: Scope, alarms: AlarmDefinition, planned: PlannedFunction): Watch {
	const hours = sourceHours(scope, planned);
	const seconds = ageLimit(scope, alarms, planned);
	return {
		watched: "iterator-age",
		meaning: `${planned.id} is more than ${duration(seconds)} behind; ${hours} h behind, records are lost.`,
		properties: {
			namespace: LAMBDA,
			metricName: "IteratorAge",
			dimensions: { FunctionName: planned.name },
			...SOME,
			...LASTING,
			statistic: "Maximum",
			threshold: seconds * 1000,
			comparisonOperator: "GreaterThanThreshold",
		},
	};
}

function watchErrors({ id, name }: PlannedFunction): Watch {
	return {
		watched: "errors",
		meaning: `${id} crashes or runs out of time again and again; its batches come back whole.`,
		properties: {
			namespace: LAMBDA,
			metricName: "Errors",
			dimensions: { FunctionName: name },
			...SOME,
			...LASTING,
		},
	};
}

function watchThrottles({ id, name }: PlannedFunction): Watch {
	return {
		watched: "throttles",
		meaning: `${id} is denied invocations: concurrency is used up, and its records wait.`,
		properties: {
			namespace: LAMBDA,
			metricName: "Throttles",
			dimensions: { FunctionName: name },
			...SOME,
			...LASTING,
		},
	};
}

/** Lambda developer guide, "Event source mapping metrics": counted per mapping, when its metricsConfig asks for it. */
function watchDumps({ id }: PlannedFunction): Watch {
	return {
		watched: "failure-dumps",
		meaning: `The mapping of ${id} gave up a batch that crashed it and stored it in the operations bucket.`,
		properties: {
			namespace: LAMBDA,
			metricName: "OnFailureDestinationDeliveredEventCount",
			dimensions: { EventSourceMappingUUID: { mapping: id } },
			...SOME,
			...AT_ONCE,
		},
	};
}

function watchDeadLetters({ environment, definition }: Scope, consumer: string): Watch {
	return {
		watched: "dead-letters",
		meaning: `${consumer} did not take records; they are parked, and later ones of their items behind them.`,
		properties: {
			namespace: METRIC_NAMESPACE,
			metricName: "parked" satisfies ConsumerMetric,
			dimensions: { environment, pipeline: definition.name, consumer } satisfies MetricDimensions,
			...SOME,
			...AT_ONCE,
		},
	};
}

function watchRedrive({ environment, definition }: Scope, consumer: string): Watch {
	return {
		watched: "redrive",
		meaning: `${consumer} does not take what was parked, as often as it was tried again; its items wait for you.`,
		properties: {
			namespace: METRIC_NAMESPACE,
			metricName: "redriveGivenUp" satisfies RedriveMetric,
			dimensions: { environment, pipeline: definition.name, consumer } satisfies MetricDimensions,
			...SOME,
			...AT_ONCE,
		},
	};
}
