import { list } from "./layout.ts";
import type { AlarmProperties, PipelinePlan, PlannedFunction } from "./types.ts";
import { duration } from "./words.ts";

/** A section on what wakes somebody, and whom; none without alarms. */
export function listAlarms({ resources, functions }: PipelinePlan): string[][] {
	const alarms = resources.flatMap((each) => (each.type === "AWS::CloudWatch::Alarm" ? [each.properties] : []));
	const [first] = alarms;
	if (!first) return [];
	const rows = Array.from(
		Map.groupBy(alarms, ({ metricName }) => metricName),
		([metric, group]): [string, string] => [metric, describeGroup(group, functions)],
	);
	return [[`Alarms, ${first.topic === null ? "told to nobody" : `told to ${first.topic}`}`, ...list(rows, "  ")]];
}

/** Who is watched at which limit. */
function describeGroup(alarms: readonly AlarmProperties[], functions: readonly PlannedFunction[]): string {
	const limits = Array.from(Map.groupBy(alarms, describeLimit), ([limit, group]) => {
		const watched = group.map((each) => subjectOf(each, functions));
		const who = watched.length > 1 && watched.length === functions.length ? "every function" : watched.join(", ");
		return `${who}: ${limit}`;
	});
	return limits.join("; ");
}

function subjectOf({ dimensions }: AlarmProperties, functions: readonly PlannedFunction[]): string {
	const { FunctionName: name, EventSourceMappingUUID: uuid, consumer } = dimensions;
	if (typeof uuid === "object") return uuid.mapping;
	return functions.find((each) => each.name === name)?.id ?? String(consumer);
}

function describeLimit(alarm: AlarmProperties): string {
	const { statistic, threshold, periodSeconds, evaluationPeriods, datapointsToAlarm } = alarm;
	const limit = statistic === "Maximum" ? `above ${duration(threshold / 1000)}` : `${threshold} or more`;
	const period = duration(periodSeconds);
	return evaluationPeriods === 1
		? `${limit} within ${period}`
		: `${limit} in ${datapointsToAlarm} of ${evaluationPeriods} periods of ${period}`;
}
