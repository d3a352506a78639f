import type { Change } from "../../framework/contract/change.ts";
import { contentJson, imagesOf } from "../../framework/contract/content.ts";
import type { DeliverContext, Deliverer, Outcome } from "../../framework/contract/deliver.ts";
import { deliverInOrder } from "../../framework/contract/deliver-in-order.ts";
import { requestBody, requestHeaders } from "./request.ts";
import { outcomeOf } from "./response.ts";
import type { HttpSettings } from "./settings.ts";

/** Bytes of an answer that are read so that its connection can serve the next request; a longer answer costs a new connection. */
const MAX_ANSWER_BYTES = 65_536;

type Context = DeliverContext<HttpSettings>;

export const deliverer: Deliverer<HttpSettings> = {
	limits: (settings) => ({ maxRecords: settings.batch.maxRecords }),
	images: imagesOf,
	async deliver(changes, context) {
		const outcomes = await request(changes, context);
		if (changes.length === 1 || outcomes[0]?.status !== "reject") return outcomes;
		// One bad record must not have its neighbours parked.
		const singles = changes.map((change) => [change]);
		return deliverInOrder(singles, (single) => request(single, context));
	},
};

/** One request; its answer counts for all its records. */
async function request(changes: readonly Change[], context: Context): Promise<Outcome[]> {
	const texts = changes.map((change) => contentJson(change, context.settings));
	const body = requestBody(texts, context.settings);
	const outcome = await send(await prepare(changes, body, context), body, context);
	return texts.map((payload) => (outcome.status === "delivered" ? { status: "delivered", payload } : outcome));
}

type Prepared = { headers: Record<string, string> } | { failure: string };

async function prepare(changes: readonly Change[], body: string, context: Context): Promise<Prepared> {
	try {
		return { headers: await requestHeaders(changes, body, context) };
	} catch {
		// The error may quote the secret; the references say where to look.
		const { secretHeaders, signingSecret } = context.settings;
		const references = [signingSecret, ...Object.values(secretHeaders)].filter((reference) => reference !== undefined);
		return { failure: `a secret cannot be read or used: one of ${references.join(", ")}` };
	}
}

async function send(prepared: Prepared, body: string, context: Context): Promise<Outcome> {
	if ("failure" in prepared) return { status: "retry", reason: prepared.failure };
	const { url, method, timeoutSeconds } = context.settings;
	try {
		const response = await context.fetch(url, {
			method,
			headers: prepared.headers,
			body,
			redirect: "manual",
			signal: AbortSignal.any([context.signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
		});
		await discardBody(response);
		return outcomeOf(response, context.now());
	} catch (error) {
		return { status: "retry", reason: failureOf(error, timeoutSeconds) };
	}
}

/** The answer's status has been heard: whatever happens to its body changes nothing. */
async function discardBody(response: Response): Promise<void> {
	try {
		let bytes = 0;
		for await (const chunk of response.body ?? []) {
			bytes += chunk.length;
			if (bytes > MAX_ANSWER_BYTES) return;
		}
	} catch {
		// The connection is gone; the next request opens another.
	}
}

/** Names the fault without quoting it: a message may hold the URL with its query, or a header's value. */
function failureOf(error: unknown, timeoutSeconds: number): string {
	if (!(error instanceof Error)) return "the request failed";
	if (error.name === "TimeoutError") return `no answer within ${timeoutSeconds} s`;
	const cause = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : error.name;
	return `the request failed: ${cause}`;
}
