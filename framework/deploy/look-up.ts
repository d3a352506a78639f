import { getTable } from "@pulumi/aws/dynamodb/getTable.js";
import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import { getStream } from "@pulumi/aws/kinesis/getStream.js";
import { getKey } from "@pulumi/aws/kms/getKey.js";
import { UsageError } from "../diagnostics/usage-error.ts";
import type { FoundTable } from "./adopted-table.ts";
import type { FoundStream } from "./owned-stream.ts";

/** What the provider says when a thing is not there; it passes on AWS's words, or its own. */
const MISSING = /ResourceNotFoundException|NotFoundException|couldn't find resource|empty result/i;

export interface Identity {
	accountId: string;
	/** `aws`, `aws-cn`, `aws-us-gov` */
	partition: string;
}

/** Whose credentials these are. Throws UsageError if AWS does not take them. */
export async function lookUpIdentity(): Promise<Identity> {
	try {
		const { accountId, arn } = await getCallerIdentity();
		return { accountId, partition: arn.split(":")[1] ?? "aws" };
	} catch (error) {
		throw new UsageError(
			`AWS does not answer who is asking: ${reason(error)}\nLog in, with \`aws sso login\` say, and look at AWS_PROFILE; \`aws sts get-caller-identity\` must work.`,
		);
	}
}

/** A table as it is; null if there is none of that name. */
export function lookUpTable(name: string): Promise<FoundTable | null> {
	return unlessMissing(getTable({ name }), `the table ${name} (dynamodb:DescribeTable, DescribeTimeToLive)`);
}

/** A Kinesis stream as it is; null if there is none of that name. */
export function lookUpStream(name: string): Promise<FoundStream | null> {
	return unlessMissing(getStream({ name }), `the stream ${name} (kinesis:DescribeStreamSummary, ListShards)`);
}

/** The ARN of a key by its alias, id or ARN; null if there is none. */
export async function lookUpKey(keyId: string): Promise<string | null> {
	const key = await unlessMissing(getKey({ keyId }), `the key ${keyId} (kms:DescribeKey)`);
	return key?.arn ?? null;
}

async function unlessMissing<T>(answer: Promise<T>, what: string): Promise<T | null> {
	try {
		return await answer;
	} catch (error) {
		if (MISSING.test(reason(error))) return null;
		throw new UsageError(
			`AWS does not show ${what}: ${reason(error)}\nThe deployment reads it before it makes anything.`,
		);
	}
}

/** The provider's words on one line, without those of the engine and the bridge before them. */
function reason(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return text
		.replace(/\s+/g, " ")
		.replace(/^.*\b\d+ errors? occurred: \* /, "")
		.trim();
}
