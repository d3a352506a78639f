import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../../contract/manifest.ts";
import type { ScheduleTask } from "../../../local/functions/schedule.ts";
import type { FunctionTask } from "../../../local/run-function.ts";
import type { Mapping } from "../../../plan/types.ts";
import { type AssetValue, assetOf, type GraphResource, referenceOf } from "../graph.ts";
import type { Arns } from "./stores.ts";
import { takeInputs } from "./take-inputs.ts";

/** What a function runs, from what Lambda is told of it. */
type Code = Omit<FunctionTask, "source" | "mapping" | "filters" | "schedules">;
/** What feeds it, from what Lambda is told of that. */
type Feed = Pick<FunctionTask, "source" | "mapping" | "filters"> & { functionName: string };

/** The manifest a function reads lies beside its code. */
const MANIFEST = "manifest.json";

/** The functions of a graph, each with the mapping that feeds it and, by its name, with its schedules. */
export function functionTasks(
	functions: readonly GraphResource[],
	mappings: readonly GraphResource[],
	schedules: ReadonlyMap<string, ScheduleTask[]>,
	arns: Arns,
): FunctionTask[] {
	const codes = new Map(functions.map((resource) => readFunction(resource)).map((code) => [code.name, code]));
	return mappings.map((resource) => {
		const { functionName, ...feed } = readMapping(resource, arns);
		const code = codes.get(functionName);
		if (!code) throw new Error(`${referenceOf(resource)} feeds ${functionName}, which the graph does not have.`);
		return { ...code, ...feed, schedules: schedules.get(functionName) ?? [] };
	});
}

function readFunction(resource: GraphResource): Code {
	const inputs = takeInputs(resource);
	const handler = inputs.text("handler");
	const runtime = inputs.text("runtime");
	inputs.optional("code");
	const entries = assetOf(resource.inputs.code)?.entries ?? {};
	if (handler !== "index.handler" || !entries["index.mjs"] || !runtime.startsWith("nodejs"))
		throw new Error(
			`${referenceOf(resource)}: no Node function at ${handler} (${runtime}) of ${Object.keys(entries)}.`,
		);
	const environment = inputs.optional<{ variables: Record<string, string> }>("environment");
	const code: Code = {
		name: inputs.text("name"),
		manifest: JSON.parse(entries[MANIFEST]?.text ?? "null") as Manifest,
		memoryMb: inputs.optional<number>("memorySize") ?? 128,
		timeoutSeconds: inputs.optional<number>("timeout") ?? 3,
		reservedConcurrency: inputs.optional<number>("reservedConcurrentExecutions") ?? null,
		variables: environment?.variables ?? {},
		writeCode: (directory) => writeEntries(directory, entries),
	};
	inputs.rest(["role", "architectures", "description", "loggingConfig", "tags"]);
	return code;
}

async function writeEntries(directory: string, entries: Record<string, AssetValue>): Promise<void> {
	await mkdir(directory, { recursive: true });
	for (const [name, { text, file }] of Object.entries(entries))
		if (text !== undefined) await writeFile(join(directory, name), text);
		else if (file !== null) await copyFile(file, join(directory, name));
		else throw new Error(`The archive's ${name} is an archive itself.`);
}

/** Lambda API reference, CreateEventSourceMapping: the defaults of what is not given. */
function readMapping(resource: GraphResource, arns: Arns): Feed {
	const inputs = takeInputs(resource);
	const asked = inputs.text("eventSourceArn");
	const streamArn = arns.get(asked);
	if (!streamArn) throw new Error(`${referenceOf(resource)} reads ${asked}, which the graph does not make.`);
	const responseTypes = inputs.optional<string[]>("functionResponseTypes") ?? [];
	if (!responseTypes.includes("ReportBatchItemFailures") || inputs.optional<boolean>("enabled") === false)
		throw new Error(`${referenceOf(resource)}: here every mapping is enabled and reports single records.`);
	const mapping: Mapping = {
		startingPosition: inputs.text("startingPosition") as Mapping["startingPosition"],
		startingPositionTimestamp: inputs.optional<string>("startingPositionTimestamp") ?? null,
		batchSize: inputs.optional<number>("batchSize") ?? 100,
		maximumBatchingWindowInSeconds: inputs.optional<number>("maximumBatchingWindowInSeconds") ?? 0,
		parallelizationFactor: inputs.optional<number>("parallelizationFactor") ?? 1,
		maximumRetryAttempts: inputs.optional<number>("maximumRetryAttempts") ?? -1,
		maximumRecordAgeInSeconds: inputs.optional<number>("maximumRecordAgeInSeconds") ?? -1,
		bisectBatchOnFunctionError: inputs.optional<boolean>("bisectBatchOnFunctionError") ?? false,
		functionResponseTypes: ["ReportBatchItemFailures"],
		onFailure: { bucket: bucketOf(resource, inputs.optional("destinationConfig")) },
		metricsConfig: { metrics: [] },
	};
	const criteria = inputs.optional<{ filters: { pattern: string }[] }>("filterCriteria");
	const functionName = inputs.text("functionName");
	inputs.rest(["metricsConfig", "tags"]);
	return {
		functionName,
		mapping,
		filters: (criteria?.filters ?? []).map(({ pattern }) => JSON.parse(pattern)),
		source: { type: streamArn.split(":")[2] as "dynamodb" | "kinesis", streamArn },
	};
}

function bucketOf(resource: GraphResource, config: { onFailure: { destinationArn: string } } | undefined): string {
	const [, bucket] = /^arn:[^:]+:s3:::(.+)$/.exec(config?.onFailure.destinationArn ?? "") ?? [];
	if (!bucket) throw new Error(`${referenceOf(resource)}: what fails goes to no bucket.`);
	return bucket;
}
