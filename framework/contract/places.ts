/**
 * Where a pipeline's things lie in what an environment shares. The runtime writes there, roles are scoped to it, and tools look there:
 * one word for all of them.
 */
import type { Manifest } from "./manifest.ts";

/** In the lake bucket. */
export const lakePrefix = (pipeline: string): string => `pipeline=${pipeline}/`;

/** In the operations bucket: records that a consumer will not get by itself, or those of all consumers. */
export const deadLetterPrefix = (pipeline: string, consumer?: string): string =>
	consumer === undefined ? `dead-letters/${pipeline}/` : `dead-letters/${pipeline}/${consumer}/`;

/** Below a consumer's dead letters: those that it does not select any more. No item waits for them. */
export const SKIPPED_LETTERS = "skipped/";

/** In the operations bucket: answers of queries on the lake. */
export const QUERY_RESULTS_PREFIX = "athena-results/";

/** In the operations bucket: records that are too large to travel. */
export const claimCheckPrefix = (pipeline: string): string => `claim-checks/${pipeline}/`;

/**
 * In the operations bucket: batches that a mapping gave up. Lambda names them
 * `aws/lambda/<mapping's UUID>/<shard>/YYYY/MM/DD/…` (Lambda developer guide, "Retain discarded batches … S3").
 */
export const FAILURE_DUMP_PREFIX = "aws/lambda/";

/** In the operations bucket: how far a replay came, and who is through with what was dumped. Tools write there, functions do not. */
export const journalPrefix = (pipeline: string): string => `journals/${pipeline}/`;

/** Partition key of a function's rows in the state table: functions share the table, never a row. */
export const stateScope = ({ pipeline, function: id }: Pick<Manifest, "pipeline" | "function">): string =>
	`${pipeline}/${id}`;
