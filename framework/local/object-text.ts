import { gunzipSync, zstdDecompressSync } from "node:zlib";

/** The text of an object, decompressed as the ending of its key says. */
export function objectText(key: string, body: string | Uint8Array): string {
	const bytes = Buffer.from(body as Uint8Array);
	if (key.endsWith(".gz")) return gunzipSync(bytes).toString("utf8");
	if (key.endsWith(".zst")) return zstdDecompressSync(bytes).toString("utf8");
	return bytes.toString("utf8");
}
