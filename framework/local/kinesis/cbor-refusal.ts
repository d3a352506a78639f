import type { LocalResponse } from "../http.ts";

const MESSAGE =
	"Requests in CBOR are not served here. Make the client send JSON: set the environment variable AWS_CBOR_DISABLE=true " +
	"(AWS SDK for Java 2: also the system property aws.cborEnabled=false).";

/** Refuses in CBOR, the only thing such a client reads. */
export function cborRefusal(): LocalResponse {
	const members = { __type: "SerializationException", message: MESSAGE };
	const texts = Object.entries(members).flat().map(cborText);
	return {
		status: 400,
		headers: { "content-type": "application/x-amz-cbor-1.1", "x-amzn-errortype": members.__type },
		// A map of two pairs (RFC 8949, major type 5).
		body: Buffer.concat([Buffer.from([0xa2]), ...texts]),
	};
}

/** Text with its length in two bytes (RFC 8949, major type 3). */
function cborText(text: string): Buffer {
	const bytes = Buffer.from(text);
	return Buffer.concat([Buffer.from([0x79, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
