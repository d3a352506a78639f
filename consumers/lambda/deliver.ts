import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Change } from "../../framework/contract/change.ts";
import { contentJson, imagesOf } from "../../framework/contract/content.ts";
import type { DeliverContext, Deliverer, Outcome } from "../../framework/contract/deliver.ts";
import { deliverInOrder } from "../../framework/contract/deliver-in-order.ts";
import { failedRecords } from "./batch-response.ts";
import type { LambdaSettings } from "./settings.ts";

/** Bytes of a synchronous invocation's payload: 6 MB (Lambda developer guide, quotas). */
const MAX_PAYLOAD_BYTES = 6 * 1_048_576;

type Context = DeliverContext<LambdaSettings>;

export const deliverer: Deliverer<LambdaSettings> = {
	limits: (settings) => ({ maxRecords: settings.batch.maxRecords }),
	images: imagesOf,
	deliver: (changes, context) => deliverInOrder([changes], (group) => invoke(group, context)),
};

async function invoke(changes: readonly Change[], context: Context): Promise<Outcome[]> {
	const texts = changes.map((change) => contentJson(change, context.settings));
	const payload = `{"${context.settings.content === "record" ? "Records" : "events"}":[${texts.join(",")}]}`;
	if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) return tooLarge(changes, context);
	const command = new InvokeCommand({
		FunctionName: context.settings.functionName,
		InvocationType: "RequestResponse",
		Payload: Buffer.from(payload),
	});
	const { endpoint } = context.settings;
	const client = context.client(LambdaClient, endpoint === undefined ? {} : { endpoint });
	let failed: ReadonlySet<Change> | "all";
	try {
		const answer = await client.send(command, { abortSignal: context.signal });
		if (answer.FunctionError !== undefined) return functionError(changes, context);
		failed = failedRecords(changes, Buffer.from(answer.Payload ?? []).toString());
	} catch (error) {
		const name = error instanceof Error ? error.name : "unknown error";
		if (name === "RequestTooLargeException") return tooLarge(changes, context);
		return retryAll(changes, `the invocation failed: ${name}`);
	}
	if (failed === "all") return retryAll(changes, "the function reported the whole batch as failed");
	if (failed.size > 0) return resumeAfterFailures(changes, failed, texts, context);
	return texts.map((payload) => ({ status: "delivered", payload }));
}

/**
 * AWS's own examples for streams stop at the first failure and report it alone, so what lies behind the lowest failure
 * cannot count as delivered. It is sent again, without what failed and what stands behind it. Each round settles a record, so this ends.
 */
async function resumeAfterFailures(
	changes: readonly Change[],
	failed: ReadonlySet<Change>,
	texts: readonly string[],
	context: Context,
): Promise<Outcome[]> {
	const lowest = changes.findIndex((change) => failed.has(change));
	const before: Outcome[] = texts.slice(0, lowest).map((payload) => ({ status: "delivered", payload }));
	const rest = changes.slice(lowest);
	const stopped = new Set<string>();
	const resumed = rest.filter((change) => {
		if (failed.has(change)) stopped.add(change.keyHash);
		return !stopped.has(change.keyHash);
	});
	const outcomes = resumed.length === 0 ? [] : await invoke(resumed, context);
	const ofChange = new Map(resumed.map((change, index) => [change, outcomes[index]]));
	const reason = "the function reported a failure of it or of another record of its item";
	return [...before, ...rest.map((change): Outcome => ofChange.get(change) ?? { status: "retry", reason })];
}

async function functionError(changes: readonly Change[], context: Context): Promise<Outcome[]> {
	if (changes.length > 1 && context.settings.batch.bisectOnFunctionError && !context.signal.aborted)
		return deliverHalves(changes, context);
	return retryAll(changes, "the function ended in an error");
}

async function tooLarge(changes: readonly Change[], context: Context): Promise<Outcome[]> {
	if (changes.length > 1) return deliverHalves(changes, context);
	return [{ status: "reject", reason: "the record is larger than the 6 MB that an invocation takes" }];
}

function deliverHalves(changes: readonly Change[], context: Context): Promise<Outcome[]> {
	const middle = Math.ceil(changes.length / 2);
	return deliverInOrder([changes.slice(0, middle), changes.slice(middle)], (half) => invoke(half, context));
}

function retryAll(changes: readonly Change[], reason: string): Outcome[] {
	return changes.map(() => ({ status: "retry", reason }));
}
