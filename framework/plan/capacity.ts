import type { FanOutDefinition } from "../definition/types.ts";
import type { PlannedFunction } from "./types.ts";
import { count } from "./words.ts";

/** Kinesis Data Streams API reference, RegisterStreamConsumer: consumers that may be in CREATING at once. */
const CREATING_AT_ONCE = 5;

/** Kinesis Data Streams developer guide, "Quotas and limits": registered consumers of a stream without on-demand Advantage. */
const ENHANCED_WITHOUT_ADVANTAGE = 20;

/** Lambda developer guide, "Lambda quotas": of an account in a region, until it asks for more. */
const ACCOUNT_CONCURRENCY = 1000;

/** What the pipeline may take of what its account has. */
export function noteCapacity(functions: readonly PlannedFunction[], fanOut: FanOutDefinition): string[] {
	return [
		...noteEnhanced(functions),
		noteConcurrency(functions, shardsOf(fanOut)),
		...noteReserved(functions, shardsOf(fanOut)),
	];
}

function noteEnhanced(functions: readonly PlannedFunction[]): string[] {
	const enhanced = functions.filter(({ source }) => source.type === "kinesis" && source.resource !== "fan-out").length;
	return [
		...(enhanced > CREATING_AT_ONCE
			? [`Kinesis makes ${CREATING_AT_ONCE} enhanced fan-out consumers at a time; the ${enhanced} take a while.`]
			: []),
		...(enhanced > ENHANCED_WITHOUT_ADVANTAGE
			? [
					`Warning: ${enhanced} enhanced fan-out consumers are more than ${ENHANCED_WITHOUT_ADVANTAGE}: the account needs Kinesis' on-demand Advantage.`,
				]
			: []),
	];
}

/** Shards of the Kinesis stream; null when Kinesis chooses them or there is no such stream. */
function shardsOf(fanOut: FanOutDefinition): number | null {
	return fanOut.mode === "kinesis" && fanOut.capacity.mode === "provisioned" ? fanOut.capacity.shards : null;
}

/** Lambda invokes a function once for each shard, times its ParallelizationFactor (Lambda developer guide, "Polling and batching streams"). */
function noteConcurrency(functions: readonly PlannedFunction[], shards: number | null): string {
	const lanes = (type: PlannedFunction["source"]["type"]): number =>
		functions
			.filter(({ source }) => source.type === type)
			.reduce((sum, { mapping }) => sum + mapping.parallelizationFactor, 0);
	const [table, kinesis] = [lanes("dynamodb"), lanes("kinesis")];
	const onKinesis =
		shards === null
			? `${kinesis} for each of the Kinesis stream`
			: `${kinesis * shards} for the Kinesis stream's ${count(shards, "shard")}`;
	const most = `${count(table, "invocation")} for each shard of the table's stream${kinesis === 0 ? "" : `, and ${onKinesis}`}`;
	return `Concurrency: up to ${most}. By default an account has ${ACCOUNT_CONCURRENCY} in a region, for all its functions.`;
}

/** A table's stream has at least one shard. */
function noteReserved(functions: readonly PlannedFunction[], shards: number | null): string[] {
	return functions.flatMap(({ id, source, mapping, reservedConcurrency }) => {
		const possible = mapping.parallelizationFactor * (source.type === "kinesis" ? (shards ?? 1) : 1);
		if (reservedConcurrency === null || reservedConcurrency >= possible) return [];
		return [
			`Warning: ${id} reserves ${count(reservedConcurrency, "invocation")} but its mapping makes up to ${possible}: Lambda throttles the rest, and their shards wait.`,
		];
	});
}
