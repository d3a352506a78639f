import { createHmac, timingSafeEqual } from "node:crypto";

export type SignatureState = "valid" | "wrong" | "missing";

/**
 * Checks a request by the Standard Webhooks specification. The value of a secret may hold several keys, and a request several
 * signatures, separated by white space: one that fits is enough.
 */
export function checkSignature(
	secret: string,
	headers: Readonly<Record<string, string>>,
	body: Buffer,
): SignatureState {
	const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
	if (id === undefined || timestamp === undefined || signatures === undefined) return "missing";
	const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
	const expected = secret
		.trim()
		.split(/\s+/)
		.map((key) => Buffer.from(key.replace(/^whsec_/, ""), "base64"))
		.map((key) => Buffer.from(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`));
	const given = signatures.split(/\s+/).map((signature) => Buffer.from(signature));
	const fits = expected.some((one) =>
		given.some((other) => one.length === other.length && timingSafeEqual(one, other)),
	);
	return fits ? "valid" : "wrong";
}
