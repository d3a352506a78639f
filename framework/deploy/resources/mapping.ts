import type { EventSourceMapping } from "@pulumi/aws/lambda/eventSourceMapping.js";
import type { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import type { Input } from "@pulumi/pulumi";
import type { Mapping, PlannedFunction } from "../../plan/types.ts";
import type { Component } from "../component.ts";
import type { Surroundings } from "../components/function.ts";

/** Feeds a function from its source. Its identity is the function's, whatever it reads and however it filters. */
export function makeMapping(
	owner: Component,
	{ id, filters, mapping }: PlannedFunction,
	lambda: LambdaFunction,
	{ source, bucketArn, readyFirst }: Surroundings,
): EventSourceMapping {
	return owner.make({
		type: "aws:lambda/eventSourceMapping:EventSourceMapping",
		id,
		name: "-mapping",
		args: {
			functionName: lambda.name,
			eventSourceArn: source.arn,
			startingPosition: mapping.startingPosition,
			...startingTime(owner, mapping.startingPositionTimestamp),
			batchSize: mapping.batchSize,
			maximumBatchingWindowInSeconds: mapping.maximumBatchingWindowInSeconds,
			parallelizationFactor: mapping.parallelizationFactor,
			maximumRetryAttempts: mapping.maximumRetryAttempts,
			maximumRecordAgeInSeconds: mapping.maximumRecordAgeInSeconds,
			bisectBatchOnFunctionError: mapping.bisectBatchOnFunctionError,
			functionResponseTypes: mapping.functionResponseTypes,
			destinationConfig: { onFailure: { destinationArn: bucketArn(mapping.onFailure.bucket) } },
			...(filters.length > 0 && {
				filterCriteria: { filters: filters.map((filter) => ({ pattern: JSON.stringify(filter) })) },
			}),
			...(mapping.metricsConfig.metrics.length > 0 && { metricsConfig: mapping.metricsConfig }),
			tags: owner.tags(),
		},
		options: {
			// Lambda tries the role at once: it must be allowed to read, and to dump what fails.
			dependsOn: readyFirst,
			// A mapping reads from its start once in its life. To give another would make a new one, which reads everything again.
			ignoreChanges: ["startingPosition", "startingPositionTimestamp"],
			// A table's stream with another view is another stream, and no preview of the provider's shows its new ARN.
			...(source.version !== undefined && { replacementTrigger: source.version }),
			...(source.irreplaceable && { protect: owner.settings.protect }),
		},
	});
}

/** The time from which the mapping reads: one that was written down, or that of its first deployment, kept in the state. */
function startingTime(
	owner: Component,
	timestamp: Mapping["startingPositionTimestamp"],
): { startingPositionTimestamp?: Input<string> } {
	if (timestamp === null) return {};
	if (timestamp !== "first-deployment") return { startingPositionTimestamp: wholeSeconds(timestamp) };
	const start = owner.remember("-start", wholeSeconds(owner.settings.startedAt));
	return { startingPositionTimestamp: start };
}

/** As AWS answers it: with fractions, every refresh would see a difference. */
const wholeSeconds = (time: string): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
