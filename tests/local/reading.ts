import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Engine } from "../../framework/local/engine.ts";
import { LOCAL_CLIENT } from "../../framework/local/local-client.ts";

/** Every JSON line below a prefix, over the wire. */
export async function readLines(engine: Engine, bucket: string, prefix: string): Promise<Record<string, unknown>[]> {
	const s3 = new S3Client({ ...LOCAL_CLIENT, endpoint: engine.endpoint, forcePathStyle: true });
	const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
	const found: Record<string, unknown>[] = [];
	for (const { Key = "" } of Contents) {
		const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
		found.push(...parseLines(decompress(Key, Buffer.from((await Body?.transformToByteArray()) ?? []))));
	}
	s3.destroy();
	return found;
}

function decompress(key: string, bytes: Buffer): string {
	if (key.endsWith(".gz")) return gunzipSync(bytes).toString();
	return (key.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes).toString();
}

function parseLines(text: string): Record<string, unknown>[] {
	return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

export interface Request {
	body: string;
	signature: string | null;
}

/** What the receiver took, of those whose target has these members. */
export async function readRequests(engine: Engine, target: Record<string, string>): Promise<Request[]> {
	const answer = await fetch(`${engine.endpoint}/_receiver/requests?${new URLSearchParams(target)}`);
	return parseLines(await answer.text()) as unknown as Request[];
}
