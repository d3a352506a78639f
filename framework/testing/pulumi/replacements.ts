import { changesOf, diffRuns, type Pair, pairsOf } from "./diff-runs.ts";
import { type Graph, referenceOf } from "./graph.ts";
import type { ProviderTypes } from "./provider-types.ts";

export interface Replacement {
	/** `type name` */
	resource: string;
	/** The input whose change does it; null: the program no longer asks for the resource, so it is deleted. */
	input: string | null;
	before: string | null;
	after: string | null;
	why: string;
	/** What stands in the way of losing it: `protect`, `retainOnDelete`, `deletionProtectionEnabled`. */
	safeguards: string[];
}

const CLOUDFORMATION = "CloudFormation's schema says so (September 2026)";
const NAME = "AWS knows no renaming";

/**
 * Inputs whose change makes a new resource. The provider's declarations do not say (three of all their comments do), so the
 * list is kept by hand from CloudFormation's schemas, whose resources are the same ones.
 */
const REPLACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	"aws:dynamodb/table:Table": {
		name: NAME,
		hashKey: CLOUDFORMATION,
		rangeKey: CLOUDFORMATION,
		localSecondaryIndexes: "they are made with the table only",
		importTable: CLOUDFORMATION,
		streamViewType: "the stream ends and a new one begins: each mapping of it is replaced and starts anew",
		streamEnabled: "the stream ends and a new one begins: each mapping of it is replaced and starts anew",
	},
	"aws:lambda/eventSourceMapping:EventSourceMapping": {
		eventSourceArn: CLOUDFORMATION,
		startingPosition: CLOUDFORMATION,
		startingPositionTimestamp: CLOUDFORMATION,
	},
	"aws:kinesis/stream:Stream": { name: NAME },
	"aws:kinesis/streamConsumer:StreamConsumer": {
		name: CLOUDFORMATION,
		streamArn: CLOUDFORMATION,
		tags: CLOUDFORMATION,
	},
	"aws:lambda/function:Function": { name: NAME, packageType: CLOUDFORMATION, tenancyConfig: CLOUDFORMATION },
	"aws:s3/bucket:Bucket": { bucket: NAME, bucketPrefix: NAME, objectLockEnabled: CLOUDFORMATION },
	"aws:iam/role:Role": { name: NAME, namePrefix: NAME, path: NAME },
	"aws:cloudwatch/logGroup:LogGroup": { name: NAME, namePrefix: NAME },
	"aws:cloudwatch/metricAlarm:MetricAlarm": { name: NAME },
	"aws:cloudwatch/dashboard:Dashboard": { dashboardName: NAME },
	"aws:sqs/queue:Queue": { name: NAME, fifoQueue: CLOUDFORMATION },
	"aws:sns/topic:Topic": { name: NAME, fifoTopic: NAME },
};

type HasGraph = Readonly<{ graph: Graph }>;

/** What a change of a program would replace or delete, named: the same in a preview's words, without AWS. */
export function replacements(first: HasGraph, second: HasGraph, types: ProviderTypes): Replacement[] {
	const { removed } = diffRuns(first, second);
	const gone = first.graph.resources.filter((resource) => resource.custom && removed.includes(referenceOf(resource)));
	return [
		...pairsOf(first.graph, second.graph).flatMap((pair) => replacementsOf(pair, types)),
		...gone.map((resource) => ({
			resource: referenceOf(resource),
			input: null,
			before: null,
			after: null,
			why: "the program no longer asks for it",
			safeguards: safeguardsOf(resource),
		})),
	];
}

function replacementsOf(pair: Pair, types: ProviderTypes): Replacement[] {
	const { before, after } = pair;
	const { ignoreChanges = [], replaceOnChanges = [] } = after.options;
	return changesOf(pair).flatMap(({ path, ...change }) => {
		const [input = path] = path.split(/[.[]/);
		if (path.startsWith("options.replacementTrigger"))
			return [{ ...change, input: "replacementTrigger", why: "the program says so", safeguards: safeguardsOf(before) }];
		if (input === "options" || ignoreChanges.includes(input) || ignoreChanges.includes(path)) return [];
		const asked = replaceOnChanges.includes(input) || replaceOnChanges.includes("*");
		const documented = types.resource(after.type)?.[input]?.documentedReplacement ?? false;
		const why =
			REPLACES[after.type]?.[input] ??
			(input === "region" ? "a resource stays in its region" : undefined) ??
			(documented ? "the provider's documentation says so" : undefined) ??
			(asked ? "replaceOnChanges names it" : undefined);
		return why === undefined ? [] : [{ ...change, input: path, why, safeguards: safeguardsOf(before) }];
	});
}

function safeguardsOf({ options, inputs }: Pair["before"]): string[] {
	return [
		...(options.protect ? ["protect"] : []),
		...(options.retainOnDelete ? ["retainOnDelete"] : []),
		...(inputs.deletionProtectionEnabled === true ? ["deletionProtectionEnabled"] : []),
	];
}
