import { REPLAY_SOURCE, type ReplayEvent, type ReplayOutcome } from "../contract/replay.ts";
import { jsonTextOf } from "../runtime/json-text.ts";
import { OperationError } from "./operation-error.ts";

/** Lambda takes 6 MB (quotas); the rest is room for what stands around the records. */
export const MOST_PAYLOAD_BYTES = 5_500_000;

/** An event for one consumer of a function that delivers. */
export function replayEvent(event: Omit<ReplayEvent, "source" | "records">, records: readonly string[]): string {
	const head = JSON.stringify({ source: REPLAY_SOURCE, ...event });
	return `${head.slice(0, -1)},"records":[${records.join(",")}]}`;
}

/** A record as the text that travels in an event. */
export const recordText = (record: unknown): string => jsonTextOf(record);

/** Outcomes of a replay's answer by eventID. Throws OperationError if something else answered. */
export function outcomesOf(functionName: string, response: unknown): Map<string, ReplayOutcome> {
	const { outcomes } = (response ?? {}) as { outcomes?: unknown };
	if (!Array.isArray(outcomes))
		throw new OperationError(
			`${functionName} does not know replays: it is older than this command. Deploy the pipeline, or start \`pipeline dev\` anew.`,
		);
	return new Map((outcomes as ReplayOutcome[]).map((outcome) => [outcome.eventID, outcome]));
}
