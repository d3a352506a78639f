import type { ItemSchema } from "../contract/item-schema.ts";
import type { Definition, FunctionSettings } from "../definition/types.ts";
import { noteCapacity } from "./capacity.ts";
import { compileFilters } from "./filters.ts";
import { combineDirect, DIRECT_RULES } from "./mapping.ts";
import { alarmsOf, lakeReadsKinesis, type Scope } from "./scope.ts";
import type { PlannedFunction } from "./types.ts";
import { count } from "./words.ts";

/** Kinesis Data Streams developer guide, "Quotas and limits": of a shard, for all shared readers together, and what it takes in. */
const SHARED_READ_MB = 2;
const SHARED_READS = 5;
const SHARD_WRITE_MB = 1;

/** What a person should know beside the plan's numbers. */
export function planNotes(scope: Scope, functions: readonly PlannedFunction[]): string[] {
	const { definition } = scope;
	const { fanOut, lake } = definition;
	return [
		...(lakeReadsKinesis(scope) ? [LAKE_BEHIND_ROUTER] : []),
		...(fanOut.mode === "direct" ? noteCombined(definition) : noteSharedReads(scope)),
		`Changes of one item travel one after another: ${fanOut.mode === "direct" ? HOT_ITEM.direct : HOT_ITEM.kinesis}.`,
		...noteCapacity(functions, fanOut),
		...(definition.itemSchema === null ? [] : [noteItems(definition.itemSchema)]),
		...(alarmsOf(scope)?.topic === null ? [NOBODY_TOLD] : []),
		...(lake ? [] : ["There is no lake: what a consumer has had cannot be replayed, and the stream forgets it."]),
		// A direct router has no filter: it serves every consumer.
		...(fanOut.mode === "direct" ? [] : noteFilters(definition)),
	];
}

const NOBODY_TOLD =
	"Alarms tell nobody: set `alarms.topic` to the ARN of an SNS topic, in pipelines/defaults.yaml for all pipelines.";

/** How often one item may change; docs/adr/0010-ordered-writer.md. */
const HOT_ITEM = {
	direct: "an item can change as often as its slowest consumer can follow",
	kinesis: "one a call of the router (100 a second at 10 ms a call), and as its slowest consumer can follow",
} as const;

const LAKE_BEHIND_ROUTER =
	"The table's stream has one reader left, the router; the lake reads the Kinesis stream, and has a record once the router has forwarded it.";

/** What a schema does not do is as good to know as what it does. */
function noteItems({ name, columns, classified }: ItemSchema): string {
	const classes = [...new Set(classified.flatMap((field) => field.classes))].sort();
	const marks = classes.length === 0 ? "" : ` It marks ${count(classified.length, "field")} as ${classes.join(", ")}.`;
	return `Items are described by schemas/items/${name}.schema.json: the lake's views have ${count(columns.length, "typed column")} by it.${marks} Nothing checks what producers write.`;
}

function noteSharedReads(scope: Scope): string[] {
	const consumers = scope.definition.consumers.filter(({ enhancedFanOut }) => !enhancedFanOut);
	const shared = consumers.length + (lakeReadsKinesis(scope) ? 1 : 0);
	if (shared === 0) return [];
	const readers = `${count(shared, "shared reader")} of the Kinesis stream`;
	const rate = `${SHARED_READ_MB} MB/s and ${SHARED_READS} reads/s of each shard`;
	if (shared * SHARD_WRITE_MB <= SHARED_READ_MB)
		return [`${readers} on ${rate}, which is enough for two when a shard takes in its ${SHARD_WRITE_MB} MB/s.`];
	const each = Number((SHARED_READ_MB / shared).toFixed(2));
	return [
		`Warning: ${readers} divide ${rate}: ${each} MB/s each, while a shard takes in up to ${SHARD_WRITE_MB} MB/s. At full load they fall behind; \`enhancedFanOut: true\` gives a consumer reads of its own.`,
	];
}

/** One mapping serves all, so that what one asks for may not be what it gets. */
function noteCombined(definition: Definition): string[] {
	const { fanOut, consumers } = definition;
	const combined = combineDirect(definition);
	return (Object.keys(DIRECT_RULES) as (keyof FunctionSettings)[]).flatMap((key) => {
		const wishes = [
			{ name: "fanOut", value: fanOut[key] },
			...consumers.map((each) => ({ name: each.name, value: each[key] })),
		];
		if (wishes.every(({ value }) => value === combined[key])) return [];
		const asked = wishes.map(({ name, value }) => `${name} ${value ?? "none"}`).join(", ");
		return [`The router's ${key} is ${combined[key]}, the ${DIRECT_RULES[key].word} of ${asked}.`];
	});
}

function noteFilters({ consumers }: Definition): string[] {
	return consumers.flatMap(({ name, when }) =>
		compileFilters(when, "kinesis").notes.map((note) => `Filter of ${name}: ${note}`),
	);
}
