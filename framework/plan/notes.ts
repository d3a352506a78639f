import type { Definition, FunctionSettings } from "../definition/types.ts";
import { compileFilters } from "./filters.ts";
import { combineDirect, DIRECT_RULES } from "./mapping.ts";
import { count } from "./words.ts";

/** Kinesis Data Streams developer guide, "Quotas and limits": of a shard, for all shared readers together, and what it takes in. */
const SHARED_READ_MB = 2;
const SHARED_READS = 5;
const SHARD_WRITE_MB = 1;

/** What a person should know beside the plan's numbers. */
export function planNotes(definition: Definition): string[] {
	const { fanOut, lake } = definition;
	return [
		...(fanOut.mode === "direct" ? noteCombined(definition) : noteSharedReads(definition)),
		"Changes of one item travel one after another: an item can change as often as its slowest consumer can follow.",
		...(lake ? [] : ["There is no lake: what a consumer has had cannot be replayed, and the stream forgets it."]),
		// A direct router has no filter: it serves every consumer.
		...(fanOut.mode === "direct" ? [] : noteFilters(definition)),
	];
}

function noteSharedReads({ consumers }: Definition): string[] {
	const shared = consumers.filter(({ enhancedFanOut }) => !enhancedFanOut);
	if (shared.length === 0) return [];
	const readers = `${count(shared.length, "shared reader")} of the Kinesis stream`;
	const rate = `${SHARED_READ_MB} MB/s and ${SHARED_READS} reads/s of each shard`;
	if (shared.length * SHARD_WRITE_MB <= SHARED_READ_MB)
		return [`${readers} on ${rate}, which is enough for two when a shard takes in its ${SHARD_WRITE_MB} MB/s.`];
	const each = Number((SHARED_READ_MB / shared.length).toFixed(2));
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
		const asked = wishes.map(({ name, value }) => `${name} ${value}`).join(", ");
		return [`The router's ${key} is ${combined[key]}, the ${DIRECT_RULES[key].word} of ${asked}.`];
	});
}

function noteFilters({ consumers }: Definition): string[] {
	return consumers.flatMap(({ name, when }) =>
		compileFilters(when, "kinesis").notes.map((note) => `Filter of ${name}: ${note}`),
	);
}
