import type { GetStreamResult } from "@pulumi/aws/kinesis/getStream.js";
import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import type { StreamProperties } from "../plan/types.ts";

/** What is found of a pipeline's Kinesis stream that is there already; the rest of GetStreamResult does not matter. */
export type FoundStream = Pick<GetStreamResult, "openShards" | "retentionPeriod" | "streamModeDetails">;

/** What a change of a stream cannot do, or does at once and for good. */
export function checkOwnedStream(name: string, planned: StreamProperties, found: FoundStream): PathDiagnostic[] {
	return [...checkShards(name, planned, found), ...checkRetention(name, planned, found)];
}

/** Kinesis Data Streams API reference, UpdateShardCount: neither more than the double nor less than the half. */
function checkShards(name: string, { capacity }: StreamProperties, found: FoundStream): PathDiagnostic[] {
	const now = found.openShards.length;
	const isProvisioned = found.streamModeDetails[0]?.streamMode === "PROVISIONED";
	if (capacity.mode !== "provisioned" || !isProvisioned || now === 0) return [];
	const { shards } = capacity;
	const nearest = Math.min(Math.max(shards, Math.ceil(now / 2)), 2 * now);
	if (nearest === shards) return [];
	return [
		{
			code: "stream-shards",
			path: ["fanOut", "shards"],
			at: "value",
			detail: `The stream "${name}" has ${now} shards, the definition asks for ${shards}. Kinesis goes to the double or to the half at most.`,
			help: `Write \`shards: ${nearest}\` and deploy, then go on from there.`,
		},
	];
}

/** Kinesis Data Streams API reference, DecreaseStreamRetentionPeriod. */
function checkRetention(name: string, { retentionHours }: StreamProperties, found: FoundStream): PathDiagnostic[] {
	if (retentionHours >= found.retentionPeriod) return [];
	return [
		{
			code: "stream-retention",
			path: ["fanOut", "retentionHours"],
			at: "value",
			detail: `The stream "${name}" keeps records for ${found.retentionPeriod} hours, the definition says ${retentionHours}. Kinesis forgets at once what is older.`,
			help: "First see on the dashboard that every consumer's iterator age is well below that.",
		},
	];
}
