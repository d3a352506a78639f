import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { REPLAY_SOURCE, type ReplayEvent, type ReplayOutcome } from "../contract/replay.ts";
import { jsonTextOf } from "../runtime/json-text.ts";
import { LostAnswerError, OperationError } from "./operation-error.ts";

/** What came of an invocation that is over. */
export type Answer =
	| { status: "answered"; response: unknown }
	/** It threw, timed out or died: what it did is unknown. */
	| { status: "failed"; reason: string }
	/** It did not begin. */
	| { status: "refused"; reason: string };

/** Lambda takes 6 MB (quotas); the rest is room for what stands around the records. */
export const MOST_PAYLOAD_BYTES = 5_500_000;

/** Invokes a function once and waits for its end. Throws OperationError when it is not there, or nobody knows whether it ran. */
export async function invoke(lambda: LambdaClient, functionName: string, event: string): Promise<Answer> {
	try {
		const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(event) });
		const { FunctionError, Payload } = await lambda.send(command);
		const response: unknown = JSON.parse(Buffer.from(Payload ?? []).toString("utf8") || "null");
		if (FunctionError === undefined) return { status: "answered", response };
		const { errorMessage } = (response ?? {}) as { errorMessage?: unknown };
		return { status: "failed", reason: typeof errorMessage === "string" ? errorMessage : FunctionError };
	} catch (error) {
		const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
		if (name === "ResourceNotFoundException")
			throw new OperationError(`There is no function ${functionName}: deploy the pipeline, or run \`pipeline dev\`.`);
		if (name === "TooManyRequestsException" || name === "RequestTooLargeException")
			return { status: "refused", reason: name };
		if (($metadata?.httpStatusCode ?? 500) < 500)
			throw new OperationError(`${functionName} cannot be invoked: ${name}: ${(error as Error).message}`);
		throw new LostAnswerError(
			`No answer came from ${functionName} (${name}): whether it ran is unknown. Run the command again; what was not confirmed is sent again.`,
		);
	}
}

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
