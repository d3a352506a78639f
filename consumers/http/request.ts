import { createHash } from "node:crypto";
import type { Change } from "../../framework/contract/change.ts";
import type { DeliverContext } from "../../framework/contract/deliver.ts";
import type { HttpSettings } from "./settings.ts";
import { signWebhook } from "./standard-webhooks.ts";

/** The body for the texts of some records; in batch mode an array even of one, so that a receiver sees one shape. */
export function requestBody(texts: readonly string[], settings: HttpSettings): string {
	return isBatch(settings) ? `[${texts.join(",")}]` : texts.join("");
}

/** Headers of a request, secrets read. Later ones win: the framework's own are last. */
export async function requestHeaders(
	changes: readonly Change[],
	body: string,
	context: DeliverContext<HttpSettings>,
): Promise<Record<string, string>> {
	const { settings } = context;
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(settings.headers)) headers[name.toLowerCase()] = value;
	for (const [name, reference] of Object.entries(settings.secretHeaders))
		headers[name.toLowerCase()] = (await context.secret(reference)).trim();
	headers["content-type"] = contentType(settings);
	const id = requestId(changes);
	const timestamp = Math.floor(context.now() / 1000);
	headers["webhook-id"] = id;
	headers["webhook-timestamp"] = String(timestamp);
	if (settings.signingSecret !== undefined)
		headers["webhook-signature"] = signWebhook(await context.secret(settings.signingSecret), { id, timestamp, body });
	return headers;
}

function isBatch(settings: HttpSettings): boolean {
	return settings.batch.maxRecords > 1;
}

/** CloudEvents HTTP protocol binding: structured and batched content mode. */
function contentType(settings: HttpSettings): string {
	if (settings.content !== "event") return "application/json";
	return isBatch(settings) ? "application/cloudevents-batch+json" : "application/cloudevents+json";
}

/** The same for the same records, so that a receiver knows a repeat. */
function requestId(changes: readonly Change[]): string {
	const ids = changes.map((change) => change.eventID);
	return ids.length === 1 ? ids.join("") : createHash("sha256").update(ids.join("\n")).digest("hex");
}
