import type { Mapping } from "../plan/types.ts";

/** A mapping that retries for ever, splits nothing and waits for nothing, as Lambda's own defaults have it. */
export const MAPPING_SETTINGS: Mapping = {
	startingPosition: "TRIM_HORIZON",
	startingPositionTimestamp: null,
	batchSize: 100,
	maximumBatchingWindowInSeconds: 0,
	parallelizationFactor: 1,
	maximumRetryAttempts: -1,
	maximumRecordAgeInSeconds: -1,
	bisectBatchOnFunctionError: false,
	functionResponseTypes: ["ReportBatchItemFailures"],
	metricsConfig: { metrics: [] },
	onFailure: { bucket: "operations" },
};
