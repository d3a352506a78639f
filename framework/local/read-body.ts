import type { Readable } from "node:stream";

/** Reads a body whole. `too-large` comes as soon as it is known; the rest is read and forgotten, so that the client hears the answer. */
export function readBody(
	incoming: Readable & { aborted: boolean },
	maxBytes: number,
): Promise<Buffer | "too-large" | "aborted"> {
	return new Promise((resolve) => {
		let chunks: Buffer[] = [];
		let bytes = 0;
		incoming.on("data", (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes <= maxBytes) chunks.push(chunk);
			else {
				chunks = [];
				resolve("too-large");
			}
		});
		// HTTP/2 ends the body of a stream that was reset as if it were whole.
		incoming.once("end", () => resolve(incoming.aborted ? "aborted" : Buffer.concat(chunks)));
		incoming.once("close", () => resolve("aborted"));
		incoming.on("error", () => resolve("aborted"));
	});
}
