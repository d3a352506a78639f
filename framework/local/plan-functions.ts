import { writeFunction } from "../bundle/build.ts";
import { type Bindings, bind, bindManifest } from "../contract/manifest.ts";
import type { PipelinePlan, Plan, PlannedFunction } from "../plan/types.ts";
import type { ScheduleTask } from "./functions/schedule.ts";
import type { StreamArns } from "./provision.ts";
import type { FunctionTask } from "./run-function.ts";

/** The functions of a plan, bound to this place. `projectRoot`: where the code of the runtime and of the kinds lies. */
export function planFunctions(
	plan: Plan,
	streamArns: StreamArns,
	bindings: Bindings,
	projectRoot: string,
): FunctionTask[] {
	return plan.pipelines.flatMap((pipeline) =>
		pipeline.functions.map((planned) => ({
			name: bind(planned.name, bindings),
			manifest: bindManifest(planned.manifest, bindings),
			memoryMb: planned.memoryMb,
			timeoutSeconds: planned.timeoutSeconds,
			reservedConcurrency: planned.reservedConcurrency,
			variables: {},
			source: { type: planned.source.type, streamArn: sourceArn(pipeline, planned, bindings, streamArns) },
			mapping: bind(planned.mapping, bindings),
			filters: planned.filters,
			schedules: schedulesOf(pipeline, planned),
			writeCode: (directory) => writeFunction(directory, planned, bindings, projectRoot),
		})),
	);
}

function schedulesOf({ resources }: PipelinePlan, { id }: PlannedFunction): ScheduleTask[] {
	return resources.flatMap(({ type, properties }) =>
		type === "AWS::Scheduler::Schedule" && properties.function === id
			? [{ everyMinutes: properties.everyMinutes, event: properties.event }]
			: [],
	);
}

function sourceArn(
	pipeline: PipelinePlan,
	{ source }: PlannedFunction,
	bindings: Bindings,
	streamArns: StreamArns,
): string {
	const resource = pipeline.resources.find(({ id }) => id === source.resource);
	const stream =
		resource?.type === "AWS::Kinesis::StreamConsumer"
			? pipeline.resources.find(({ id }) => id === resource.properties.stream)
			: resource;
	const arn = stream && streamArns[source.type].get(bind(stream.name, bindings));
	if (!arn) throw new Error(`the plan of ${pipeline.name} has no stream behind ${source.resource}`);
	return arn;
}
