import { createHmac } from "node:crypto";

export interface WebhookMessage {
	id: string;
	/** Epoch seconds. */
	timestamp: number;
	body: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The `webhook-signature` header of the Standard Webhooks specification. A secret value may hold several keys separated by
 * white space: each signs, so that a receiver accepts the old and the new one while they are rotated.
 */
export function signWebhook(secret: string, message: WebhookMessage): string {
	const signed = `${message.id}.${message.timestamp}.${message.body}`;
	return secret
		.trim()
		.split(/\s+/)
		.map((key) => `v1,${createHmac("sha256", decodeKey(key)).update(signed).digest("base64")}`)
		.join(" ");
}

function decodeKey(key: string): Buffer {
	const base64 = key.replace(/^whsec_/, "");
	if (base64 === "" || !BASE64.test(base64)) throw new Error("the signing secret is not whsec_ followed by base64");
	return Buffer.from(base64, "base64");
}
