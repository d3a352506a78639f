import type { Condition } from "../../contract/condition.ts";
import { ITEM_EVENTS } from "../../contract/condition.ts";
import { describeAny, describeEvents, describePath, describeTest } from "../../contract/describe-condition.ts";
import type { StreamRecord } from "../../contract/dynamodb.ts";
import type { ManifestConsumer } from "../../contract/manifest.ts";
import type { PipelinePlan } from "../../plan/types.ts";
import type { RehearsalResult } from "../../rehearsal/rehearse.ts";
import { compilePredicate } from "../../runtime/predicate.ts";

/** What no test of a pipeline exercised, in words. */
export interface Coverage {
	pipeline: string;
	consumers: number;
	/** Consumers with at least one delivery, and parts of conditions that both held and did not. */
	exercised: number;
	parts: number;
	gaps: string[];
}

/** Which consumers, and which parts of their conditions, the tests of a pipeline exercised. */
export function measureCoverage(pipeline: PipelinePlan, rehearsals: readonly RehearsalResult[]): Coverage {
	const consumers = pipeline.functions.flatMap(({ manifest }) => manifest.consumers);
	const records = rehearsals.flatMap((each) => each.records);
	const deliveries = rehearsals.flatMap((each) => each.deliveries);
	const results = consumers.flatMap((consumer) => {
		const delivered = deliveries.some((each) => each.consumer === consumer.name && each.outcome === "delivered");
		return [
			{ covered: delivered, gap: `${consumer.name}: no test delivers to it` },
			...partsOf(consumer).map((part) => judgePart(part, consumer, records)),
		];
	});
	return {
		pipeline: pipeline.name,
		consumers: consumers.length,
		parts: results.length,
		exercised: results.filter(({ covered }) => covered).length,
		gaps: results.flatMap(({ covered, gap }) => (covered ? [] : [gap])),
	};
}

interface Part {
	text: string;
	condition: Condition;
}

const NOTHING: Condition = { events: [...ITEM_EVENTS], tests: [], changed: [], any: [] };

/** A condition's parts, each as a condition of its own. */
function partsOf({ condition }: ManifestConsumer): Part[] {
	if (condition === null) return [];
	const { events, tests, changed, any } = condition;
	return [
		...(events.length < ITEM_EVENTS.length
			? [{ text: describeEvents(events), condition: { ...NOTHING, events } }]
			: []),
		...tests.map((test) => ({ text: describeTest(test), condition: { ...NOTHING, tests: [test] } })),
		...changed.map((path) => ({ text: `${describePath(path)} changed`, condition: { ...NOTHING, changed: [path] } })),
		...(any.length > 0 ? [{ text: describeAny(any), condition: { ...NOTHING, any } }] : []),
	];
}

function judgePart({ text, condition }: Part, { name }: ManifestConsumer, records: readonly StreamRecord[]) {
	const { matches } = compilePredicate(condition);
	const held = records.map(matches);
	const missing = !held.includes(true) ? "holds" : !held.includes(false) ? "does not hold" : null;
	return { covered: missing === null, gap: `${name}: no test in which "${text}" ${missing}` };
}
