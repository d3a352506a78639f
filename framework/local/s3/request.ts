import { AwsError } from "../aws-json.ts";
import type { LocalRequest } from "../http.ts";

/** A path-style request: `/bucket/key`. null = names none. */
export interface S3Request extends LocalRequest {
	bucket: string | null;
	key: string | null;
}

export function parseS3Request(request: LocalRequest): S3Request {
	const [, path = ""] = /^\/(.*)$/s.exec(request.path) ?? [];
	const slash = path.indexOf("/");
	const [bucket, key] = slash === -1 ? [path, ""] : [path.slice(0, slash), path.slice(slash + 1)];
	return { ...request, bucket: decodePath(bucket) || null, key: decodePath(key) || null };
}

export function decodePath(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new AwsError("InvalidURI", "The path is not percent-encoded UTF-8.");
	}
}

export const notImplemented = (what: string): AwsError =>
	new AwsError("NotImplemented", `${what} is not served by the local S3.`, 501);

/** Response headers that an object keeps. */
const KEPT = [
	"content-type",
	"content-encoding",
	"content-language",
	"content-disposition",
	"cache-control",
	"expires",
];

/** What a put says of its object. */
export function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
	const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
	for (const [name, value] of Object.entries(headers))
		if (KEPT.includes(name) || name.startsWith("x-amz-meta-")) kept[name] = value;
	// The coding of the transfer, not of the object.
	const coding = (kept["content-encoding"] ?? "")
		.split(",")
		.map((each) => each.trim())
		.filter((each) => each !== "" && each !== "aws-chunked");
	delete kept["content-encoding"];
	return coding.length === 0 ? kept : { ...kept, "content-encoding": coding.join(",") };
}
