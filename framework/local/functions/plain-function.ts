import { randomUUID } from "node:crypto";
import type { Handler } from "../../contract/lambda.ts";
import type { Clock } from "../clock.ts";
import type { LocalFunction } from "./invocation.ts";

/** A handler in this thread, for tests: the same text in and out, no thread, no limit enforced. */
export function runHandler(handler: Handler, timeoutSeconds: number, clock: Clock): LocalFunction {
	return {
		async invoke(event) {
			const requestId = randomUUID();
			const deadline = clock.now() + timeoutSeconds * 1000;
			const context = { awsRequestId: requestId, getRemainingTimeInMillis: () => deadline - clock.now() };
			try {
				const response: unknown = await handler(JSON.parse(event), context);
				return { requestId, status: "answered", response: JSON.parse(JSON.stringify(response ?? null)) };
			} catch (error) {
				return { requestId, status: "failed", error: error instanceof Error ? error.message : String(error) };
			}
		},
		close: async () => {},
	};
}
