import { AwsError } from "../aws-json.ts";
import type { LocalResponse } from "../http.ts";
import { escapeXml, xmlResponse } from "../xml.ts";
import { compareKeys } from "./key-order.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";

/** S3 API reference, ListObjectsV2: entries of one answer. */
const MAX_KEYS = 1000;

export const LIST_QUERY = [
	"list-type",
	"prefix",
	"delimiter",
	"max-keys",
	"start-after",
	"continuation-token",
	"encoding-type",
	"fetch-owner",
];

/** One entry of a list: an object, or all keys up to a delimiter. */
type Entry = { key: string } | { commonPrefix: string };

interface Listing {
	entries: Entry[];
	/** Where the next part goes on; null at the end. */
	token: string | null;
}

/** ListObjectsV2. */
export function listObjects(store: ObjectStore, bucket: string, query: URLSearchParams): LocalResponse {
	const { entries, token } = select(store.keys(bucket, query.get("prefix") ?? ""), query);
	const encode = encoder(query.get("encoding-type"));
	const owner = query.get("fetch-owner") === "true";
	const element = (name: string, value: string | null): string =>
		value === null ? "" : `<${name}>${escapeXml(value)}</${name}>`;
	const given = (name: string): string | null => query.get(name);
	const encoded = (name: string): string | null => (query.has(name) ? encode(query.get(name) ?? "") : null);
	const contents = entries.map((entry) => {
		if ("commonPrefix" in entry)
			return `<CommonPrefixes>${element("Prefix", encode(entry.commonPrefix))}</CommonPrefixes>`;
		const object = store.find(bucket, entry.key);
		// Deleted since its name was read.
		return object ? `<Contents>${element("Key", encode(entry.key))}${describe(object, owner)}</Contents>` : "";
	});
	return xmlResponse(
		[
			'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
			element("Name", bucket),
			element("Prefix", encode(query.get("prefix") ?? "")),
			element("Delimiter", encoded("delimiter")),
			element("StartAfter", encoded("start-after")),
			element("EncodingType", given("encoding-type")),
			element("ContinuationToken", given("continuation-token")),
			element("NextContinuationToken", token),
			element("MaxKeys", String(maxKeysOf(query))),
			element("KeyCount", String(entries.length)),
			element("IsTruncated", String(token !== null)),
			...contents,
			"</ListBucketResult>",
		].join(""),
	);
}

function describe({ modifiedAt, etag, size }: StoredObject, owner: boolean): string {
	return [
		`<LastModified>${new Date(modifiedAt).toISOString()}</LastModified>`,
		`<ETag>&#34;${etag}&#34;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass>`,
		owner ? "<Owner><ID>local</ID></Owner>" : "",
	].join("");
}

function encoder(encodingType: string | null): (text: string) => string {
	if (encodingType === null) return (text) => text;
	if (encodingType !== "url") throw new AwsError("InvalidArgument", "encoding-type must be url.");
	return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
}

function maxKeysOf(query: URLSearchParams): number {
	const text = query.get("max-keys") ?? String(MAX_KEYS);
	if (!/^\d{1,9}$/.test(text)) throw new AwsError("InvalidArgument", "max-keys must be a whole number.");
	return Math.min(Number(text), MAX_KEYS);
}

function select(keys: readonly string[], query: URLSearchParams): Listing {
	const delimiter = query.get("delimiter") ?? "";
	const prefix = query.get("prefix") ?? "";
	const limit = maxKeysOf(query);
	const token = query.get("continuation-token");
	const after = token === null ? null : parseToken(token);
	const startAfter = after ?? { key: query.get("start-after") ?? "" };
	const entries: Entry[] = [];
	let last: Entry = startAfter;
	for (const key of keys.filter((each) => isAfter(each, startAfter)).sort(compareKeys)) {
		if ("commonPrefix" in last && key.startsWith(last.commonPrefix)) continue;
		if (entries.length === limit) return { entries, token: limit === 0 ? null : writeToken(last) };
		const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
		last = end === -1 ? { key } : { commonPrefix: key.slice(0, end + delimiter.length) };
		entries.push(last);
	}
	return { entries, token: null };
}

function isAfter(key: string, last: Entry): boolean {
	if ("key" in last) return compareKeys(key, last.key) > 0;
	return compareKeys(key, last.commonPrefix) > 0 && !key.startsWith(last.commonPrefix);
}

const writeToken = (last: Entry): string => Buffer.from(JSON.stringify(last)).toString("base64url");

function parseToken(token: string): Entry {
	try {
		const value = JSON.parse(Buffer.from(token, "base64url").toString());
		if (typeof value.key === "string") return { key: value.key };
		if (typeof value.commonPrefix === "string") return { commonPrefix: value.commonPrefix };
	} catch {
		// As any other text that is none.
	}
	throw new AwsError("InvalidArgument", "The continuation token provided is incorrect.");
}
