import { recordAgeBackstop, TABLE_STREAM_RETENTION_HOURS } from "../contract/retention.ts";
import type { Definition, FanOutDefinition, FunctionSettings, Start } from "../definition/types.ts";
import { alarmsOf, type Scope } from "./scope.ts";
import type { Mapping } from "./types.ts";

/** Lambda API reference, CreateEventSourceMapping: the largest MaximumRetryAttempts. */
const MOST_RETRIES = 10_000;

/** Where a function begins to read. */
type Position = Pick<Mapping, "startingPosition" | "startingPositionTimestamp">;

export const FROM_HORIZON: Position = { startingPosition: "TRIM_HORIZON", startingPositionTimestamp: null };

/** Where a reader of Kinesis begins. LATEST would lose what arrives while a mapping is being made. */
export function positionOf(start: Start): Position {
	if (start === "horizon") return FROM_HORIZON;
	const timestamp = start === "now" ? "first-deployment" : start.at;
	return { startingPosition: "AT_TIMESTAMP", startingPositionTimestamp: timestamp };
}

/** Hours that a consumer may fall behind before its source forgets records. */
export function retentionHours(fanOut: FanOutDefinition): number {
	return fanOut.mode === "kinesis" ? fanOut.retentionHours : TABLE_STREAM_RETENTION_HOURS;
}

/** A mapping with the backstop: far beyond every retry budget, and before the records expire. */
export function planMapping(
	settings: FunctionSettings,
	position: Position,
	sourceHours: number,
	scope: Scope,
): Mapping {
	return {
		...position,
		batchSize: settings.batchSize,
		maximumBatchingWindowInSeconds: settings.maxBatchingWindowSeconds,
		parallelizationFactor: settings.parallelization,
		maximumRetryAttempts: MOST_RETRIES,
		maximumRecordAgeInSeconds: recordAgeBackstop(sourceHours),
		bisectBatchOnFunctionError: true,
		functionResponseTypes: ["ReportBatchItemFailures"],
		onFailure: { bucket: scope.names.bucket("operations") },
		// Only these tell what the backstop gave up.
		metricsConfig: { metrics: alarmsOf(scope) ? ["EventCount"] : [] },
	};
}

/** What a direct router takes from those it serves: the wish of the most careful, the room of the most demanding. */
export const DIRECT_RULES = {
	batchSize: { choose: Math.min, word: "least" },
	maxBatchingWindowSeconds: { choose: Math.min, word: "least" },
	parallelization: { choose: Math.min, word: "least" },
	memoryMb: { choose: Math.max, word: "most" },
	timeoutSeconds: { choose: Math.max, word: "most" },
	reservedConcurrency: { choose: Math.min, word: "least" },
} as const satisfies Record<keyof FunctionSettings, { choose: (...values: number[]) => number; word: string }>;

/** One function and one mapping for the fan-out and all of its consumers. */
export function combineDirect({ fanOut, consumers }: Definition): FunctionSettings {
	const of = (key: Exclude<keyof FunctionSettings, "reservedConcurrency">): number =>
		DIRECT_RULES[key].choose(fanOut[key], ...consumers.map((consumer) => consumer[key]));
	const reserved = [fanOut, ...consumers].flatMap(({ reservedConcurrency }) => reservedConcurrency ?? []);
	return {
		batchSize: of("batchSize"),
		maxBatchingWindowSeconds: of("maxBatchingWindowSeconds"),
		parallelization: of("parallelization"),
		memoryMb: of("memoryMb"),
		timeoutSeconds: of("timeoutSeconds"),
		reservedConcurrency: reserved.length === 0 ? null : DIRECT_RULES.reservedConcurrency.choose(...reserved),
	};
}
