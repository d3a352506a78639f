import { createHash } from "node:crypto";
import { compileEventPattern } from "../../runtime/event-pattern.ts";
import type { SourceEvent } from "../source.ts";

export type SourceType = "dynamodb" | "kinesis";

interface RawRecord {
	dynamodb?: { Keys?: Record<string, unknown> };
	kinesis?: { partitionKey?: string; data?: string };
}

/**
 * Whether a record passes at least one of the patterns. Kinesis data is matched decoded, under `data`; data that is no JSON passes
 * only patterns that do not look at it, not even one that asks for an absent member
 * (Lambda developer guide, "Control which events Lambda sends to your function").
 */
export function compileFilters(
	sourceType: SourceType,
	patterns: readonly object[],
): ((event: SourceEvent) => boolean) | null {
	if (patterns.length === 0) return null;
	const tests = patterns.map((pattern) => ({ matches: compileEventPattern(pattern), readsData: readsData(pattern) }));
	return (event) => {
		const record = JSON.parse(event.json) as RawRecord;
		const subject = sourceType === "kinesis" ? withDecodedData(record) : record;
		const opaque = sourceType === "kinesis" && !("data" in subject);
		return tests.some((test) => !(opaque && test.readsData) && test.matches(subject));
	};
}

function readsData(pattern: { data?: unknown; $or?: object[] }): boolean {
	return pattern.data !== undefined || (pattern.$or ?? []).some(readsData);
}

/** Without `data` if that is no JSON. */
function withDecodedData(record: RawRecord): object {
	const { data, ...metadata } = record.kinesis ?? {};
	try {
		return { ...metadata, data: JSON.parse(Buffer.from(data ?? "", "base64").toString()) };
	} catch {
		return metadata;
	}
}

/**
 * The lane a record travels in when a shard is read by several: records of one item (DynamoDB) or of one
 * partition key (Kinesis) share one, so that they stay in order.
 */
export function laneOf(sourceType: SourceType, event: SourceEvent, lanes: number): number {
	if (lanes === 1) return 0;
	const record = JSON.parse(event.json) as RawRecord;
	const key = sourceType === "kinesis" ? (record.kinesis?.partitionKey ?? "") : itemKey(record);
	return createHash("md5").update(key).digest().readUInt32BE(0) % lanes;
}

function itemKey(record: RawRecord): string {
	return JSON.stringify(Object.entries(record.dynamodb?.Keys ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
