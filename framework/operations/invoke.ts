import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { LostAnswerError, OperationError } from "./operation-error.ts";

/** What came of an invocation that is over. */
export type Answer =
	| { status: "answered"; response: unknown }
	/** It threw, timed out or died: what it did is unknown. */
	| { status: "failed"; reason: string }
	/** It did not begin. */
	| { status: "refused"; reason: string };

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
