/** The thread side of a local function: imports the bundle, takes events as text, answers with text, as Lambda's own runtime does. */
import { parentPort, workerData } from "node:worker_threads";
import type { Handler } from "../../contract/lambda.ts";
import type { FunctionAnswer, FunctionRequest } from "./protocol.ts";

if (!parentPort) throw new Error("worker-entry.ts runs in a worker thread");
const port = parentPort;
const { handler } = (await import(workerData.bundle)) as { handler: Handler };

port.on("message", async ({ event, requestId, deadline }: FunctionRequest) => {
	const context = { awsRequestId: requestId, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
	port.postMessage(await answer(event, context));
});

async function answer(event: string, context: Parameters<Handler>[1]): Promise<FunctionAnswer> {
	try {
		const response = await handler(JSON.parse(event), context);
		return { response: JSON.stringify(response ?? null) };
	} catch (error) {
		return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
	}
}
