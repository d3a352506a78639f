/**
 * What a ReportBatchItemFailures answer says: the position of the first record to come back, or null when all are done.
 * The lowest identifier is the checkpoint; an empty, missing or unknown one stands for the whole batch
 * (Lambda developer guide, "Configuring partial batch response").
 */
export function firstFailure(response: unknown, sequenceNumbers: readonly string[]): number | null {
	if (isEmpty(response)) return null;
	if (typeof response !== "object" || Array.isArray(response)) return 0;
	const failures = (response as { batchItemFailures?: unknown }).batchItemFailures;
	if (isEmpty(failures)) return null;
	if (!Array.isArray(failures)) return 0;
	const positions = failures.map((failure: { itemIdentifier?: unknown } | null) =>
		sequenceNumbers.indexOf(failure?.itemIdentifier as string),
	);
	return Math.max(0, Math.min(...positions));
}

/** null, "", [] and {} each say that nothing failed. */
function isEmpty(value: unknown): boolean {
	if (value === undefined || value === null || value === "") return true;
	return typeof value === "object" && Object.keys(value).length === 0;
}
