import { hash } from "node:crypto";
import { AwsError } from "../aws-json.ts";
import type { LocalResponse } from "../http.ts";
import { elementsOf, escapeXml, textOf, xmlResponse } from "../xml.ts";
import { checkWrite, isNotModified } from "./conditions.ts";
import { readContent } from "./content.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { parseRange } from "./range.ts";
import { decodePath, keptHeaders, notImplemented, type S3Request } from "./request.ts";

/** S3 API reference, DeleteObjects: keys of one request. */
const MAX_DELETES = 1000;

/** A request that names an object. */
export type ObjectRequest = S3Request & { bucket: string; key: string };

export async function putObject(store: ObjectStore, request: ObjectRequest): Promise<LocalResponse> {
	const { bytes, checksum } = readContent(request);
	const description = { etag: hash("md5", bytes), headers: keptHeaders(request.headers), checksum };
	await store.put(request.bucket, request.key, bytes, description, (current) => checkWrite(request.headers, current));
	const headers = { etag: `"${description.etag}"`, ...(checksum && { [checksum.name]: checksum.value }) };
	return { status: 200, headers, body: "" };
}

/** Answers GetObject and HeadObject; of the latter's answer HTTP leaves out the body. */
export async function getObject(store: ObjectStore, request: ObjectRequest): Promise<LocalResponse> {
	const object = store.find(request.bucket, request.key);
	if (!object) throw noSuchKey(request.key);
	if (isNotModified(request.headers, object)) return { status: 304, headers: describe(object), body: "" };
	const range = parseRange(request.headers.range, object.size);
	const { start, end } = range ?? { start: 0, end: object.size };
	const headers = {
		...describe(object),
		...overrides(request.query),
		"content-length": String(end - start),
		...(range && { "content-range": `bytes ${start}-${end - 1}/${object.size}` }),
		// A checksum is of the whole.
		...(!range && request.headers["x-amz-checksum-mode"] === "ENABLED" && checksumHeader(object)),
	};
	const status = range ? 206 : 200;
	if (request.method === "HEAD") return { status, headers, body: "" };
	const body = await store.read(request.bucket, request.key, start, end);
	if (body === null) throw noSuchKey(request.key);
	return { status, headers, body };
}

function describe({ headers, etag, modifiedAt }: StoredObject): Record<string, string> {
	return {
		...headers,
		etag: `"${etag}"`,
		"last-modified": new Date(modifiedAt).toUTCString(),
		"accept-ranges": "bytes",
	};
}

function checksumHeader({ checksum }: StoredObject): Record<string, string> {
	return checksum ? { [checksum.name]: checksum.value } : {};
}

/** `response-content-type` and its like, which links to objects carry. */
function overrides(query: URLSearchParams): Record<string, string> {
	const given = [...query].filter(([name]) => name.startsWith("response-"));
	return Object.fromEntries(given.map(([name, value]) => [name.slice("response-".length), value]));
}

const noSuchKey = (key: string): AwsError => new AwsError("NoSuchKey", `There is no object ${key}.`, 404);

export function deleteObject(store: ObjectStore, { bucket, key }: ObjectRequest): LocalResponse {
	store.delete(bucket, key);
	return { status: 204, headers: {}, body: "" };
}

export function deleteObjects(store: ObjectStore, request: S3Request & { bucket: string }): LocalResponse {
	const document = readContent(request).bytes.toString("utf8");
	const keys = elementsOf(document, "Object").map((object) => textOf(object, "Key"));
	if (keys.length === 0 || keys.length > MAX_DELETES || keys.includes(null))
		throw new AwsError("MalformedXML", `Name 1 to ${MAX_DELETES} objects by their keys.`);
	const quiet = textOf(document, "Quiet") === "true";
	const results = keys.map((key) => deleteOne(store, request.bucket, key ?? "", quiet));
	return xmlResponse(`<DeleteResult>${results.join("")}</DeleteResult>`);
}

function deleteOne(store: ObjectStore, bucket: string, key: string, quiet: boolean): string {
	const name = `<Key>${escapeXml(key)}</Key>`;
	try {
		store.delete(bucket, key);
		return quiet ? "" : `<Deleted>${name}</Deleted>`;
	} catch (error) {
		if (!(error instanceof AwsError)) throw error;
		return `<Error>${name}<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
	}
}

export async function copyObject(store: ObjectStore, request: ObjectRequest): Promise<LocalResponse> {
	const { headers } = request;
	const condition = Object.keys(headers).find((name) => name.startsWith("x-amz-copy-source-"));
	if (condition !== undefined) throw notImplemented(condition);
	const [, bucket = "", key = ""] = /^\/?([^/]+)\/(.+)$/s.exec(decodePath(headers["x-amz-copy-source"] ?? "")) ?? [];
	const source = store.find(bucket, key);
	const bytes = source && (await store.read(bucket, key, 0, source.size));
	if (!source || !bytes) throw noSuchKey(key);
	const replaces = headers["x-amz-metadata-directive"] === "REPLACE";
	const description = {
		etag: hash("md5", bytes),
		headers: replaces ? keptHeaders(headers) : source.headers,
		checksum: source.checksum,
	};
	const copy = await store.put(request.bucket, request.key, bytes, description, (current) =>
		checkWrite(headers, current),
	);
	const modified = new Date(copy.modifiedAt).toISOString();
	return xmlResponse(
		`<CopyObjectResult><ETag>&#34;${copy.etag}&#34;</ETag><LastModified>${modified}</LastModified></CopyObjectResult>`,
	);
}
