import type { Clients } from "../../../local/clients.ts";
import type { FunctionTask } from "../../../local/run-function.ts";
import { type Graph, type GraphResource, referenceOf } from "../graph.ts";
import { functionTasks } from "./functions.ts";
import { readSchedules } from "./schedules.ts";
import { type Arns, makeBucket, makeStream, makeStreamConsumer, makeTable } from "./stores.ts";

/** What guards, watches and permits. None of it moves a record, and the embedded services have none of it. */
const WITHOUT_EFFECT = /^(aws:iam|aws:cloudwatch|aws:s3\/bucket[A-Z]|pulumi:providers:|pulumi:index:Stash)/;

/**
 * Makes what a captured graph asks for on the embedded services, through the AWS SDK, and answers its functions with the
 * mappings that feed them. It reads what AWS would be told, never the plan: `startRun` runs them, so that what Pulumi is
 * told is what runs. Throws for whatever it cannot make.
 */
export async function applyGraph(graph: Graph, clients: Clients): Promise<FunctionTask[]> {
	const arns: Arns = new Map();
	const of = (type: string) => graph.resources.filter((resource) => resource.type === type);
	const makers: Record<string, (resource: GraphResource) => Promise<void> | void> = {
		"aws:dynamodb/table:Table": (resource) => makeTable(resource, clients, arns),
		"aws:kinesis/stream:Stream": (resource) => makeStream(resource, clients, arns),
		"aws:kinesis/streamConsumer:StreamConsumer": (resource) => makeStreamConsumer(resource, arns),
		"aws:s3/bucket:Bucket": (resource) => makeBucket(resource, clients),
	};
	const functions = "aws:lambda/function:Function";
	const mappings = "aws:lambda/eventSourceMapping:EventSourceMapping";
	const schedules = "aws:scheduler/schedule:Schedule";
	const known = [...Object.keys(makers), functions, mappings, schedules];
	const strange = graph.resources.filter(
		({ custom, type }) => custom && !known.includes(type) && !WITHOUT_EFFECT.test(type),
	);
	if (strange.length > 0)
		throw new Error(`The embedded services have no ${strange.map(referenceOf).sort().join(", ")}.`);
	for (const [type, make] of Object.entries(makers)) for (const resource of of(type)) await make(resource);
	return functionTasks(of(functions), of(mappings), readSchedules(of(schedules)), arns);
}
