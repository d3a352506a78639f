import type { Change } from "../../framework/contract/change.ts";

/**
 * The records that a function's answer reports as failed, by the rules of Lambda's event source mapping (Lambda developer
 * guide, "Reporting batch item failures"): no list or an empty one is success; an identifier that is empty, missing or not
 * of this batch is a failure of all.
 */
export function failedRecords(changes: readonly Change[], answer: string): ReadonlySet<Change> | "all" {
	const identifiers = readIdentifiers(answer);
	if (identifiers === "all") return "all";
	const failed = new Set<Change>();
	for (const identifier of identifiers) {
		const named = changes.filter((change) => isNamed(change, identifier));
		if (named.length === 0) return "all";
		for (const change of named) failed.add(change);
	}
	return failed;
}

function isNamed(change: Change, identifier: string): boolean {
	return identifier === change.record.dynamodb.SequenceNumber || identifier === change.eventID;
}

function readIdentifiers(answer: string): string[] | "all" {
	const failures = readFailures(answer);
	if (failures === undefined || failures === null) return [];
	if (!Array.isArray(failures)) return "all";
	const identifiers = failures.map((failure: unknown) => (isObject(failure) ? failure.itemIdentifier : undefined));
	return identifiers.every((identifier) => typeof identifier === "string" && identifier !== "")
		? (identifiers as string[])
		: "all";
}

/** What an answer that is no JSON object says of failures is nothing: functions may return what they like. */
function readFailures(answer: string): unknown {
	try {
		const value: unknown = JSON.parse(answer);
		return isObject(value) ? value.batchItemFailures : undefined;
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}
