import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError } from "../aws-json.ts";
import type { LocalRequest } from "../http.ts";

/** A checksum that a client sent with its content, to be given back with it. */
export interface Checksum {
	/** Header name. */
	name: string;
	value: string;
}

export interface Content {
	bytes: Buffer;
	checksum: Checksum | null;
}

type Headers = Readonly<Record<string, string>>;

const CHECKSUM = "x-amz-checksum-";
/** Headers of that prefix that are settings. */
const NOT_CHECKSUMS = ["x-amz-checksum-mode", "x-amz-checksum-algorithm", "x-amz-checksum-type"];

/** Those that Node computes natively; of the others the value is kept and given back, and its reader checks it. */
const COMPUTE: Readonly<Record<string, (bytes: Buffer) => string>> = {
	"x-amz-checksum-crc32": (bytes) => {
		const value = Buffer.alloc(4);
		value.writeUInt32BE(crc32(bytes));
		return value.toString("base64");
	},
	"x-amz-checksum-sha1": (bytes) => hash("sha1", bytes, "base64"),
	"x-amz-checksum-sha256": (bytes) => hash("sha256", bytes, "base64"),
	"content-md5": (bytes) => hash("md5", bytes, "base64"),
};

/** What a request uploads, out of its transfer coding, held against the checksums that came with it. */
export function readContent({ headers, body }: LocalRequest): Content {
	const { bytes, trailers } = isChunked(headers) ? decodeChunks(body) : { bytes: body, trailers: {} };
	const length = headers["x-amz-decoded-content-length"];
	if (length !== undefined && Number(length) !== bytes.length)
		throw new AwsError("IncompleteBody", `The body holds ${bytes.length} bytes instead of ${length}.`);
	const sent = Object.entries({ ...headers, ...trailers });
	for (const [name, value] of sent) {
		const computed = COMPUTE[name]?.(bytes);
		if (computed !== undefined && computed !== value)
			throw new AwsError("BadDigest", `${name} is ${value}; the body that arrived has ${computed}.`);
	}
	const [checksum] = sent.filter(([name]) => name.startsWith(CHECKSUM) && !NOT_CHECKSUMS.includes(name));
	return { bytes, checksum: checksum ? { name: checksum[0], value: checksum[1] } : null };
}

function isChunked(headers: Headers): boolean {
	const signed = headers["x-amz-content-sha256"]?.startsWith("STREAMING-") ?? false;
	return signed || /\baws-chunked\b/.test(headers["content-encoding"] ?? "");
}

/** aws-chunked: `<hex size>[;chunk-signature=…]`, the bytes, and so on until size 0, then trailers (S3 API reference, signature version 4 streaming). */
function decodeChunks(body: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
	const chunks: Buffer[] = [];
	let at = 0;
	const readLine = (): string => {
		const end = body.indexOf("\r\n", at);
		if (end === -1) throw incomplete();
		const line = body.toString("latin1", at, end);
		at = end + 2;
		return line;
	};
	for (;;) {
		const [digits = ""] = readLine().split(";");
		if (!/^[0-9a-f]{1,8}$/i.test(digits)) throw incomplete();
		const size = Number.parseInt(digits, 16);
		if (size === 0) return { bytes: Buffer.concat(chunks), trailers: parseTrailers(body.toString("latin1", at)) };
		const chunk = body.subarray(at, at + size);
		at += size;
		if (chunk.length < size || readLine() !== "") throw incomplete();
		chunks.push(chunk);
	}
}

function parseTrailers(text: string): Record<string, string> {
	const lines = text.split("\r\n").filter((line) => line.includes(":"));
	return Object.fromEntries(
		lines.map((line) => {
			const colon = line.indexOf(":");
			return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
		}),
	);
}

const incomplete = (): AwsError => new AwsError("IncompleteBody", "The body is not whole in aws-chunked coding.");
