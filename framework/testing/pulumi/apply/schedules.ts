import type { ScheduleTask } from "../../../local/functions/schedule.ts";
import { type GraphResource, referenceOf } from "../graph.ts";
import { takeInputs } from "./take-inputs.ts";

/** What functions are invoked with on a schedule, by the function's name. */
export function readSchedules(resources: readonly GraphResource[]): Map<string, ScheduleTask[]> {
	const schedules = new Map<string, ScheduleTask[]>();
	for (const resource of resources) {
		const { functionName, ...schedule } = readSchedule(resource);
		schedules.set(functionName, [...(schedules.get(functionName) ?? []), schedule]);
	}
	return schedules;
}

function readSchedule(resource: GraphResource): ScheduleTask & { functionName: string } {
	const inputs = takeInputs(resource);
	const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(inputs.text("scheduleExpression")) ?? [];
	const target = inputs.optional<{ arn: string; input: string }>("target");
	const [, functionName] = /^arn:[^:]+:lambda:[^:]+:\d+:function:(.+)$/.exec(target?.arn ?? "") ?? [];
	if (!minutes || !target || !functionName)
		throw new Error(`${referenceOf(resource)} invokes no function every so often.`);
	inputs.rest(["name", "description", "flexibleTimeWindow"]);
	return { functionName, everyMinutes: Number(minutes), event: JSON.parse(target.input) };
}
