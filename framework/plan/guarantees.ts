import { TABLE_STREAM_RETENTION_HOURS } from "../contract/retention.ts";
import type { ConsumerSettings, Definition } from "../definition/types.ts";
import type { Guarantee } from "./types.ts";

/** Shared readers of a shard divide 2 MB/s between them (Kinesis Data Streams quotas). */
const SHARED_MEGABYTES_PER_SECOND = 2;
/** What a shard takes in: more than two shared readers cannot keep up with a full one. */
const MOST_AT_FULL_LOAD = 2;

/** What each consumer is promised. */
export function planGuarantees({ fanOut, consumers }: Definition): Guarantee[] {
	return consumers.map((consumer) => ({
		consumer: consumer.name,
		order: "per item: the first delivery of each change follows the item's order",
		duplicates: "at least once: a crash may repeat what came after the checkpoint, with the same id",
		...(fanOut.mode === "kinesis"
			? {
					isolation: "a function, position, retries and dead letters of its own",
					maxHoldSeconds: 0,
					retentionHours: fanOut.retentionHours,
				}
			: shareFunction(consumer, consumers)),
	}));
}

function shareFunction(consumer: ConsumerSettings, all: readonly ConsumerSettings[]) {
	const budgets = all.filter((other) => other !== consumer).map(({ retry }) => retry.budgetSeconds);
	const maxHoldSeconds = Math.max(0, ...budgets);
	return {
		isolation:
			budgets.length === 0
				? "alone in the router's function"
				: `shares the router's function: another's failing item holds it back for ${maxHoldSeconds} s at most, then is parked`,
		maxHoldSeconds,
		retentionHours: TABLE_STREAM_RETENTION_HOURS,
	};
}

/** What limits the consumers together, for people. */
export function noteLimits({ fanOut, consumers }: Definition): string[] {
	const notes = ["One item's events travel one after another: a single busy item is the slowest thing in a pipeline."];
	if (fanOut.mode === "direct") return notes;
	const shared = consumers.filter(({ enhancedFanOut }) => !enhancedFanOut).length;
	if (shared > MOST_AT_FULL_LOAD)
		notes.push(
			`${shared} consumers share 2 MB/s of each Kinesis shard: ${(SHARED_MEGABYTES_PER_SECOND / shared).toFixed(2)} MB/s each. A shard takes 1 MB/s, so give some \`enhancedFanOut: true\` before it fills up.`,
		);
	return notes;
}
