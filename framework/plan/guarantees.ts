import type { ConsumerSettings, Definition } from "../definition/types.ts";
import { combineDirect, retentionHours } from "./mapping.ts";
import type { Guarantee } from "./types.ts";
import { count, duration } from "./words.ts";

/** What each consumer is promised. */
export function planGuarantees(definition: Definition): Guarantee[] {
	return definition.consumers.map((consumer) => {
		const others = definition.consumers.filter((other) => other !== consumer);
		const isDirect = definition.fanOut.mode === "direct";
		const maxHoldSeconds = isDirect ? Math.max(0, ...others.map(({ retry }) => retry.budgetSeconds)) : 0;
		return {
			consumer: consumer.name,
			order: describeOrder(consumer),
			duplicates: describeDuplicates(definition, consumer),
			isolation: isDirect ? describeShared(others, maxHoldSeconds) : ISOLATED,
			deadLetters: describeDeadLetters(consumer),
			maxHoldSeconds,
			retentionHours: retentionHours(definition.fanOut),
		};
	});
}

function describeOrder({ concurrency }: ConsumerSettings): string {
	const width = concurrency === 1 ? "one item at a time" : `up to ${concurrency} items side by side`;
	return `Each item's changes in their order, ${width}; a repeat may show an earlier change again, and then all after it.`;
}

function describeDuplicates(definition: Definition, consumer: ConsumerSettings): string {
	const { batchSize, parallelization } = definition.fanOut.mode === "direct" ? combineDirect(definition) : consumer;
	const batches = parallelization === 1 ? "a batch" : `${parallelization} batches`;
	const { deduplicationHours: hours } = consumer;
	if (hours > 0)
		return `At least once: a crash or timeout may repeat what was just being delivered; the rest is remembered for ${count(hours, "hour")} and not repeated.`;
	return `At least once: a crash or timeout may repeat ${batches} of up to ${count(batchSize, "record")} a shard, with the same eventIDs.`;
}

function describeDeadLetters({ redrive }: ConsumerSettings): string {
	if (redrive === null) return "Wait, and their items with them, for `pipeline dlq redrive`.";
	const { everyMinutes, maxAttempts } = redrive;
	return `Looked at every ${duration(everyMinutes * 60)} and tried again at growing intervals, ${count(maxAttempts, "time")} at most; what was refused waits for \`pipeline dlq redrive\`.`;
}

const ISOLATED = "Its own function, position, retries and dead letters: other consumers hold it for 0 s.";

function describeShared(others: readonly ConsumerSettings[], maxHoldSeconds: number): string {
	if (others.length === 0) return "Alone in the router: nobody else holds it.";
	return `Shares the router and its batches with ${count(others.length, "other consumer")}: a failing one holds it for ${duration(maxHoldSeconds)} at most.`;
}
