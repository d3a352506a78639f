import { literal } from "../../framework/contract/arns.ts";
import type { ConsumerDefinition } from "../../framework/contract/consumer-definition.ts";
import type { Statement } from "../../framework/contract/statement.ts";
import schema from "./schema.json" with { type: "json" };
import type { LambdaSettings } from "./settings.ts";

export const definition: ConsumerDefinition<LambdaSettings> = {
	kind: "lambda",
	summary: "Invokes a Lambda function with the records and waits for its answer.",
	description: `The function is invoked synchronously (RequestResponse). With content \`record\` it gets what a function on a DynamoDB
stream gets, so such a function works unchanged.

It may answer \`batchItemFailures\` as it would to Lambda's event source mapping; an \`itemIdentifier\` is a record's
\`SequenceNumber\` or \`eventID\`. Those listed are retried. A function may stop at its first failure, so what comes after the
lowest one and is not listed is sent again at once, without the records of items that failed.

A function error, throttling and errors of the service are retried. A record too large for an invocation is rejected.

In the environment \`local\` the invocation goes to the local run's own Lambda endpoint.`,
	examples: [
		{
			title: "A function that reads stream records",
			yaml: `name: engagement
kind: lambda
with:
  functionName: engagement-score`,
		},
		{
			title: "CloudEvents to an alias, one at a time",
			yaml: `name: loyalty
kind: lambda
with:
  functionName: arn:aws:lambda:eu-west-1:123456789012:function:loyalty:live
  content: event
  batch: { maxRecords: 1 }`,
		},
	],
	schema,
	needs: () => [],
	contribute(settings, context) {
		const { endpoint, ...rest } = settings;
		const kept = endpoint !== undefined && (!context.local || context.setByEnvironment("endpoint"));
		return {
			settings: kept ? settings : rest,
			target: kept ? `invoke ${settings.functionName} at ${endpoint}` : `invoke ${settings.functionName}`,
			resources: [],
			secrets: [],
			// A stand-in is no function of AWS's.
			statements: kept ? [] : [invokeStatement(settings.functionName)],
		};
	},
};

function invokeStatement(functionName: string): Statement {
	return {
		sid: "InvokeFunction",
		actions: ["lambda:InvokeFunction"],
		resources: [functionArn(functionName)],
		conditions: {},
		why: "Invokes the function that gets the records.",
	};
}

/** What Invoke takes as a name (the function's, a partial ARN or an ARN, each with an alias or version behind it) as the ARN that IAM compares. */
function functionArn(functionName: string): string {
	const name = literal(functionName);
	if (name.startsWith("arn:")) return name;
	const [, region, account, rest] = /^([a-z]{2}(?:-[a-z]+)+-\d:)?(\d{12}:)?(?:function:)?(.+)$/.exec(name) ?? [];
	return `arn:\${partition}:lambda:${region ?? "${region}:"}${account ?? "${accountId}:"}function:${rest}`;
}
