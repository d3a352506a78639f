import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import {
	CompleteMultipartUploadCommand,
	CopyObjectCommand,
	CreateBucketCommand,
	CreateMultipartUploadCommand,
	DeleteBucketCommand,
	DeleteObjectCommand,
	DeleteObjectsCommand,
	GetObjectCommand,
	HeadBucketCommand,
	HeadObjectCommand,
	ListBucketsCommand,
	ListObjectsV2Command,
	PutObjectCommand,
	PutObjectTaggingCommand,
	S3Client,
	UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LOCAL_CLIENT } from "../local-client.ts";
import { type RunningServer, startServer } from "../server.ts";
import { startS3 } from "./start.ts";

const Bucket = "lake";
let dir: string;
let server: RunningServer;
let s3: S3Client;

beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), "s3-"));
	const service = startS3({ dir });
	server = await startServer({ port: 0, route: () => service });
	s3 = new S3Client({
		...LOCAL_CLIENT,
		endpoint: server.url,
		forcePathStyle: true,
	});
});
afterAll(async () => {
	s3.destroy();
	await server.close();
	rmSync(dir, { recursive: true });
});
beforeEach(async () => {
	for (const entry of readdirSync(dir)) rmSync(join(dir, entry), { recursive: true });
	await s3.send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, Body: string | Buffer = Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

async function get(Key: string, more: object = {}): Promise<Buffer> {
	const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
	return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

interface Page {
	keys: (string | undefined)[];
	prefixes: (string | undefined)[];
}

async function listAll(query: object): Promise<{ keys: string[]; prefixes: string[]; pages: Page[] }> {
	const pages: Page[] = [];
	let token: string | undefined;
	do {
		const page = await s3.send(
			new ListObjectsV2Command({ Bucket, ...query, ...(token && { ContinuationToken: token }) }),
		);
		const keys = (page.Contents ?? []).map(({ Key }) => Key);
		const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
		expect(page.KeyCount).toBe(keys.length + prefixes.length);
		pages.push({ keys, prefixes });
		token = page.NextContinuationToken;
		expect(page.IsTruncated).toBe(token !== undefined);
	} while (token);
	return {
		keys: pages.flatMap(({ keys }) => keys as string[]),
		prefixes: pages.flatMap(({ prefixes }) => prefixes as string[]),
		pages,
	};
}

describe("objects", () => {
	test("are plain files with what was said of them beside", async () => {
		const headers = { ContentType: "application/x-ndjson", ContentEncoding: "gzip", Metadata: { owner: "web" } };
		const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "a=1/b.txt", Body: "text", ...headers }));
		expect(readFileSync(join(dir, Bucket, "a=1", "b.txt"), "utf8")).toBe("text");
		expect(readdirSync(join(dir, Bucket))).toEqual(["a=1"]);
		const answer = await s3.send(new HeadObjectCommand({ Bucket, Key: "a=1/b.txt" }));
		expect(answer).toMatchObject({ ...headers, ETag, ContentLength: 4 });
		expect(ETag).toBe(`"${createHash("md5").update("text").digest("hex")}"`);
	});

	test("of any bytes come back, streamed with a checksum behind the body", async () => {
		const bytes = randomBytes(3_000_046);
		const pieces = [bytes.subarray(0, 65_536), bytes.subarray(65_536, 70_000), bytes.subarray(70_000)];
		await s3.send(
			new PutObjectCommand({ Bucket, Key: "stream", Body: Readable.from(pieces), ContentLength: bytes.length }),
		);
		expect(readFileSync(join(dir, Bucket, "stream")).equals(bytes)).toBe(true);
		const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "stream" }));
		expect(answer.ChecksumCRC32).toBeDefined();
		expect(answer.ContentEncoding).toBeUndefined();
		expect(bytes.equals((await answer.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
	});

	test.each(["CRC32", "CRC32C", "SHA1", "SHA256"] as const)("keep a checksum %s", async (ChecksumAlgorithm) => {
		const sent = await s3.send(new PutObjectCommand({ Bucket, Key: "c", Body: "text", ChecksumAlgorithm }));
		const got = await s3.send(new GetObjectCommand({ Bucket, Key: "c", ChecksumMode: "ENABLED" }));
		const name = `Checksum${ChecksumAlgorithm}` as const;
		expect(sent[name]).toBeDefined();
		expect(got[name]).toBe(sent[name]);
		expect(await got.Body?.transformToString()).toBe("text");
	});

	test.each([
		["x-amz-checksum-crc32", "AAAAAA=="],
		["x-amz-checksum-sha256", "AAAA"],
		["content-md5", "AAAA"],
	])("with a wrong %s are refused and not kept", async (name, value) => {
		const answer = await fetch(`${server.url}/${Bucket}/k`, {
			method: "PUT",
			headers: { [name]: value },
			body: "text",
		});
		expect(answer.status).toBe(400);
		expect(await answer.text()).toContain("<Code>BadDigest</Code>");
		await expect(get("k")).rejects.toThrow("no object k");
	});

	test.each([
		["a chunk cut off", "8\r\ntext", "8"],
		["no last chunk", "4\r\ntext\r\n", "4"],
		["a size that is none", "x\r\ntext\r\n0\r\n\r\n", "4"],
		["another length", "4\r\ntext\r\n0\r\n\r\n", "5"],
	])("in aws-chunked coding with %s are refused", async (_name, body, length) => {
		const headers = {
			"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
			"x-amz-decoded-content-length": length,
		};
		const answer = await fetch(`${server.url}/${Bucket}/k`, { method: "PUT", headers, body });
		expect(await answer.text()).toContain("<Code>IncompleteBody</Code>");
	});

	test("in signed chunks are taken out of their coding", async () => {
		const headers = { "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "4" };
		const body = "4;chunk-signature=00\r\ntext\r\n0;chunk-signature=00\r\n\r\n";
		await fetch(`${server.url}/${Bucket}/k`, { method: "PUT", headers, body });
		expect((await get("k")).toString()).toBe("text");
	});

	test("are read in ranges", async () => {
		await put("digits", "0123456789");
		const range = async (Range: string) => (await get("digits", { Range })).toString();
		expect(await range("bytes=2-4")).toBe("234");
		expect(await range("bytes=7-")).toBe("789");
		expect(await range("bytes=-3")).toBe("789");
		expect(await range("bytes=8-99")).toBe("89");
		expect(await range("lines=1-2")).toBe("0123456789");
		await expect(range("bytes=10-")).rejects.toMatchObject({ name: "InvalidRange" });
		const part = await s3.send(new GetObjectCommand({ Bucket, Key: "digits", Range: "bytes=2-4" }));
		expect(part).toMatchObject({ ContentRange: "bytes 2-4/10", ContentLength: 3 });
	});

	test("are written once with If-None-Match, however many try", async () => {
		const tries = Array.from({ length: 8 }, (_, n) =>
			s3.send(new PutObjectCommand({ Bucket, Key: "once", Body: String(n), IfNoneMatch: "*" })),
		);
		const results = await Promise.allSettled(tries);
		expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		const refused = results.find((result) => result.status === "rejected");
		expect(refused?.reason).toMatchObject({ name: "PreconditionFailed" });
	});

	test("are written and read under If-Match and If-None-Match", async () => {
		const { ETag } = await put("k", "one");
		const replace = (IfMatch: string) => s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "two", IfMatch }));
		const nothing = new PutObjectCommand({ Bucket, Key: "none", Body: "two", IfMatch: "*" });
		await expect(s3.send(nothing)).rejects.toMatchObject({ name: "NoSuchKey", $metadata: { httpStatusCode: 404 } });
		await expect(replace('"other"')).rejects.toMatchObject({ name: "PreconditionFailed" });
		await replace(ETag ?? "");
		const second = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
		const unchanged = new GetObjectCommand({ Bucket, Key: "k", IfNoneMatch: second.ETag });
		await expect(s3.send(unchanged)).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
	});

	test("that someone put there by hand are served too, and what was said of a replaced file is not", async () => {
		await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "one", ContentType: "text/plain" }));
		writeFileSync(join(dir, Bucket, "k"), "by hand");
		expect((await get("k")).toString()).toBe("by hand");
		const answer = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
		expect(answer).toMatchObject({ ContentLength: 7, ContentType: "binary/octet-stream" });
	});

	test("are deleted with the folders they leave empty; deleting nothing is no error", async () => {
		await put("a/b/c");
		await put("a/d");
		await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b/c" }));
		await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b/c" }));
		await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
		expect(readdirSync(join(dir, Bucket, "a"))).toEqual(["d"]);
		await put("x & <y>");
		const Objects = [{ Key: "a/d" }, { Key: "x & <y>" }, { Key: "never" }];
		const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
		expect(Deleted).toEqual(Objects);
		expect((await listAll({})).keys).toEqual([]);
		expect(readdirSync(join(dir, Bucket))).toEqual([]);
	});

	test("are copied with what was said of them, or with something else", async () => {
		await s3.send(new PutObjectCommand({ Bucket, Key: "a b/ü", Body: "text", ContentType: "text/plain" }));
		const copy = (Key: string, more = {}) =>
			s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${encodeURIComponent("a b/ü")}`, ...more }));
		const { CopyObjectResult } = await copy("same");
		const replaced = { ContentType: "text/html", MetadataDirective: "REPLACE" };
		await copy("other", replaced);
		const same = await s3.send(new HeadObjectCommand({ Bucket, Key: "same" }));
		expect(same).toMatchObject({ ContentType: "text/plain", ETag: CopyObjectResult?.ETag });
		expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "other" }))).ContentType).toBe("text/html");
		expect((await get("other")).toString()).toBe("text");
	});
});

describe("keys", () => {
	const ODD = ["a b+c&d=e", "ünï/çödé", "'()!~*:,", "100%/#?", "=/==", '{x}[y]^`|"<>\\'];

	test("of any sort come back as they are", async () => {
		for (const key of ODD) await put(key);
		for (const key of ODD) expect((await get(key)).toString()).toBe(key);
		expect(new Set((await listAll({})).keys)).toEqual(new Set(ODD));
		const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
		expect(new Set(Contents?.map(({ Key }) => decodeURIComponent(Key ?? "")))).toEqual(new Set(ODD));
	});

	test.each([
		"/lake/../escaped",
		"/lake/%2e%2e/escaped",
		"/lake/..%2Fescaped",
		"/lake/a/../../escaped",
		"/../escaped",
		"/%2e%2e/escaped",
		"/.metadata/x",
		"/lake/a//b",
		"/lake/a%00b",
		"/lake/%ff",
	])("that lead elsewhere are refused: %s", async (path) => {
		const before = readdirSync(join(dir, "..")).length;
		const { status } = await rawRequest("PUT", path, "escaped");
		expect(status).toBe(400);
		expect(readdirSync(dir)).toEqual([Bucket]);
		expect(readdirSync(join(dir, "..")).length).toBe(before);
		const { body } = await rawRequest("GET", "/lake?list-type=2&prefix=../");
		expect(body).not.toContain("<Key>");
	});

	test("cannot be an object and a folder at once, and the error says so", async () => {
		await put("a");
		await expect(put("a/b")).rejects.toThrow("plain files");
		await put("c/d");
		await expect(put("c")).rejects.toThrow("plain files");
		expect((await get("a")).toString()).toBe("a");
		expect((await listAll({})).keys).toEqual(["a", "c/d"]);
	});
});

describe("lists", () => {
	test("go through pages in the order of UTF-8, each key once", async () => {
		const keys = ["a", "a/1", "a0", "b", "z", "é", "\uff5e", "😀"].map((key) => `p/${key === "a" ? "A" : key}`);
		for (const key of [...keys].reverse()) await put(key);
		const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
		for (const MaxKeys of [1, 3, 1000]) {
			const { keys: listed, pages } = await listAll({ MaxKeys });
			expect(listed).toEqual(byBytes);
			expect(pages).toHaveLength(Math.ceil(keys.length / MaxKeys));
		}
		expect((await listAll({ StartAfter: byBytes[2] })).keys).toEqual(byBytes.slice(3));
		expect((await listAll({ MaxKeys: 0 })).keys).toEqual([]);
	});

	test("fold keys at a delimiter, over pages too", async () => {
		const keys = ["t=a/d=1/x", "t=a/d=1/y", "t=a/d=2/x", "t=a/top", "t=b/x"];
		for (const key of keys) await put(key);
		for (const MaxKeys of [1, 2, 1000]) {
			const within = await listAll({ Prefix: "t=a/", Delimiter: "/", MaxKeys });
			expect(within).toMatchObject({ keys: ["t=a/top"], prefixes: ["t=a/d=1/", "t=a/d=2/"] });
			const above = await listAll({ Delimiter: "/", MaxKeys });
			expect(above).toMatchObject({ keys: [], prefixes: ["t=a/", "t=b/"] });
		}
		expect((await listAll({ Prefix: "t=a/d" })).keys).toEqual(keys.slice(0, 3));
		expect((await listAll({ Prefix: "t=a/d=1/x" })).keys).toEqual(["t=a/d=1/x"]);
	});

	test("refuse a token that is none", async () => {
		const list = new ListObjectsV2Command({ Bucket, ContinuationToken: "x" });
		await expect(s3.send(list)).rejects.toMatchObject({ name: "InvalidArgument" });
	});
});

describe("multipart uploads", () => {
	const MB = 1024 * 1024;
	const begin = async () => (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "big" }))).UploadId ?? "";
	const send = (UploadId: string, PartNumber: number, Body: Buffer) =>
		s3.send(new UploadPartCommand({ Bucket, Key: "big", UploadId, PartNumber, Body }));
	const complete = (UploadId: string, Parts: { PartNumber: number; ETag: string | undefined }[]) =>
		s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "big", UploadId, MultipartUpload: { Parts } }));

	test("join their parts", async () => {
		const UploadId = await begin();
		const bytes = randomBytes(11 * MB);
		const pieces = [bytes.subarray(0, 5 * MB), bytes.subarray(5 * MB, 10 * MB), bytes.subarray(10 * MB)];
		const sent = await Promise.all(pieces.map((piece, index) => send(UploadId, index + 1, piece)));
		const Parts = sent.map(({ ETag }, index) => ({ PartNumber: index + 1, ETag }));
		const { ETag } = await complete(UploadId, Parts);
		expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
		expect((await get("big")).equals(bytes)).toBe(true);
		await expect(complete(UploadId, Parts)).rejects.toMatchObject({ name: "NoSuchUpload" });
		expect(readdirSync(join(dir, ".uploads"))).toEqual([]);
	});

	test("refuse parts that are too small, unknown or out of order, and other ids", async () => {
		const UploadId = await begin();
		const one = await send(UploadId, 1, Buffer.from("one"));
		const two = await send(UploadId, 2, Buffer.from("two"));
		const [first, second] = [
			{ PartNumber: 1, ETag: one.ETag },
			{ PartNumber: 2, ETag: two.ETag },
		];
		await expect(complete(UploadId, [first, second])).rejects.toMatchObject({ name: "EntityTooSmall" });
		await expect(complete(UploadId, [second, first])).rejects.toMatchObject({ name: "InvalidPartOrder" });
		await expect(complete(UploadId, [{ ...first, ETag: '"x"' }])).rejects.toMatchObject({ name: "InvalidPart" });
		await expect(complete("../../lake", [first])).rejects.toMatchObject({ name: "NoSuchUpload" });
		await expect(get("big")).rejects.toMatchObject({ name: "NoSuchKey" });
	});
});

describe("buckets", () => {
	test("are made, listed and deleted when empty", async () => {
		await s3.send(new CreateBucketCommand({ Bucket: "other" }));
		const { Buckets } = await s3.send(new ListBucketsCommand({}));
		expect(Buckets?.map(({ Name }) => Name)).toEqual(["lake", "other"]);
		await s3.send(new HeadBucketCommand({ Bucket: "other" }));
		await put("k");
		await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "BucketNotEmpty" });
		await s3.send(new DeleteBucketCommand({ Bucket: "other" }));
		const head = s3.send(new HeadBucketCommand({ Bucket: "other" }));
		await expect(head).rejects.toMatchObject({ name: "NotFound" });
		const again = s3.send(new CreateBucketCommand({ Bucket }));
		await expect(again).rejects.toMatchObject({ name: "BucketAlreadyOwnedByYou" });
		const missing = new PutObjectCommand({ Bucket: "other", Key: "k", Body: "text" });
		await expect(s3.send(missing)).rejects.toMatchObject({ name: "NoSuchBucket" });
	});

	test("refuse what is not served instead of doing something else", async () => {
		await put("k", "text");
		const tag = new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } });
		await expect(s3.send(tag)).rejects.toMatchObject({ name: "NotImplemented" });
		expect((await get("k")).toString()).toBe("text");
	});
});

/** As it stands on the wire: clients of a higher level would resolve the dots. */
function rawRequest(method: string, path: string, body = ""): Promise<{ status: number; body: string }> {
	return new Promise((resolve, reject) => {
		const options = { host: "127.0.0.1", port: server.port, method, path, agent: false };
		const outgoing = request(options, (incoming) => {
			const answer = async () => ({ status: incoming.statusCode ?? 0, body: await text(incoming) });
			answer().then(resolve, reject);
		});
		outgoing.on("error", reject).end(body);
	});
}
