import { AwsError } from "../aws-json.ts";
import type { StoredObject } from "./object-store.ts";

type Headers = Readonly<Record<string, string>>;

const preconditionFailed = (): AwsError =>
	new AwsError("PreconditionFailed", "At least one of the preconditions you specified did not hold.", 412);

/** A list of ETags, or `*` for any. */
function names(header: string, object: StoredObject | null): boolean {
	if (object === null) return false;
	const tags = header.split(",").map((tag) => tag.trim().replaceAll('"', ""));
	return tags.includes("*") || tags.includes(object.etag);
}

/** If-Match and If-None-Match of a write (S3 user guide, "Conditional writes"). */
export function checkWrite(headers: Headers, current: StoredObject | null): void {
	const { "if-match": match, "if-none-match": noneMatch } = headers;
	if (match !== undefined && current === null)
		throw new AwsError("NoSuchKey", "If-Match is given, and there is no object of that key.", 404);
	if (match !== undefined && !names(match, current)) throw preconditionFailed();
	if (noneMatch !== undefined && names(noneMatch, current)) throw preconditionFailed();
}

/** Whether a read is to be answered with 304. */
export function isNotModified(headers: Headers, object: StoredObject): boolean {
	const { "if-match": match, "if-none-match": noneMatch } = headers;
	if (match !== undefined && !names(match, object)) throw preconditionFailed();
	return noneMatch !== undefined && names(noneMatch, object);
}
