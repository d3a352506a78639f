import { hash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AwsError } from "../aws-json.ts";
import type { LocalResponse } from "../http.ts";
import { elementsOf, escapeXml, textOf, xmlResponse } from "../xml.ts";
import { checkWrite } from "./conditions.ts";
import { readContent } from "./content.ts";
import type { ObjectStore } from "./object-store.ts";
import type { ObjectRequest } from "./objects.ts";
import type { Paths } from "./paths.ts";
import { keptHeaders, notImplemented } from "./request.ts";

/** S3 user guide, "Amazon S3 multipart upload limits": parts of an upload, bytes of every part but the last. */
const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 5 * 1024 * 1024;

const UPLOAD_FILE = "upload.json";

interface Upload {
	bucket: string;
	key: string;
	headers: Record<string, string>;
}

interface Part {
	number: number;
	etag: string;
}

export function createUpload(paths: Paths, request: ObjectRequest): LocalResponse {
	const { bucket, key } = request;
	// Refuses a key that could not be kept before anything of it is sent.
	paths.object(bucket, key);
	const id = randomUUID();
	mkdirSync(join(paths.uploads, id), { recursive: true });
	const upload: Upload = { bucket, key, headers: keptHeaders(request.headers) };
	writeFileSync(join(paths.uploads, id, UPLOAD_FILE), JSON.stringify(upload));
	return xmlResponse(
		`<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
	);
}

export async function uploadPart(paths: Paths, request: ObjectRequest): Promise<LocalResponse> {
	if ("x-amz-copy-source" in request.headers) throw notImplemented("UploadPartCopy");
	const { folder } = findUpload(paths, request);
	const number = partNumber(request.query.get("partNumber"));
	const { bytes, checksum } = readContent(request);
	// Renamed when whole: a part that was sent twice at once is one of the two.
	const temporary = join(folder, `${number}.${randomUUID()}`);
	await writeFile(temporary, bytes);
	if (!existsSync(folder)) throw noSuchUpload();
	renameSync(temporary, partFile(folder, number));
	const headers = { etag: `"${hash("md5", bytes)}"`, ...(checksum && { [checksum.name]: checksum.value }) };
	return { status: 200, headers, body: "" };
}

export async function completeUpload(paths: Paths, store: ObjectStore, request: ObjectRequest): Promise<LocalResponse> {
	const { upload, folder } = findUpload(paths, request);
	const parts = parseParts(request.body.toString("utf8"));
	const contents = await Promise.all(parts.map((part) => readPart(folder, part)));
	if (contents.slice(0, -1).some(({ length }) => length < MIN_PART_BYTES))
		throw new AwsError("EntityTooSmall", `Every part but the last has at least ${MIN_PART_BYTES} bytes.`);
	const digests = Buffer.concat(contents.map((bytes) => hash("md5", bytes, "buffer")));
	const description = { etag: `${hash("md5", digests)}-${parts.length}`, headers: upload.headers, checksum: null };
	await store.put(upload.bucket, upload.key, Buffer.concat(contents), description, (current) =>
		checkWrite(request.headers, current),
	);
	rmSync(folder, { recursive: true, force: true });
	return xmlResponse(
		`<CompleteMultipartUploadResult><Location>/${upload.bucket}/${escapeXml(encodeURI(upload.key))}</Location><Bucket>${upload.bucket}</Bucket><Key>${escapeXml(upload.key)}</Key><ETag>&#34;${description.etag}&#34;</ETag></CompleteMultipartUploadResult>`,
	);
}

export function abortUpload(paths: Paths, request: ObjectRequest): LocalResponse {
	rmSync(findUpload(paths, request).folder, { recursive: true, force: true });
	return { status: 204, headers: {}, body: "" };
}

/** The upload that a request names, if it is of the same object. */
function findUpload(paths: Paths, { bucket, key, query }: ObjectRequest): { upload: Upload; folder: string } {
	const id = query.get("uploadId") ?? "";
	const folder = join(paths.uploads, id);
	// Ids are ours: anything else could lead out of the folder.
	if (!/^[0-9a-f-]{36}$/.test(id) || !existsSync(folder)) throw noSuchUpload();
	const upload: Upload = JSON.parse(readFileSync(join(folder, UPLOAD_FILE), "utf8"));
	if (upload.bucket !== bucket || upload.key !== key) throw noSuchUpload();
	return { upload, folder };
}

const noSuchUpload = (): AwsError =>
	new AwsError("NoSuchUpload", "There is no such upload: it was completed or aborted, or never begun.", 404);

const partFile = (folder: string, number: number): string => join(folder, String(number));

function partNumber(text: string | null): number {
	const number = Number(text);
	if (text === null || !Number.isInteger(number) || number < 1 || number > MAX_PARTS)
		throw new AwsError("InvalidArgument", `partNumber must be a whole number from 1 to ${MAX_PARTS}.`);
	return number;
}

function parseParts(document: string): Part[] {
	const parts = elementsOf(document, "Part").map((part) => ({
		number: partNumber(textOf(part, "PartNumber")),
		etag: (textOf(part, "ETag") ?? "").replaceAll('"', ""),
	}));
	if (parts.length === 0) throw new AwsError("MalformedXML", "Name at least one part.");
	if (parts.some(({ number }, index) => index > 0 && number <= (parts[index - 1]?.number ?? 0)))
		throw new AwsError("InvalidPartOrder", "Parts must be listed in rising order.");
	return parts;
}

async function readPart(folder: string, { number, etag }: Part): Promise<Buffer> {
	const bytes = await readFile(partFile(folder, number)).catch(() => null);
	if (bytes === null || hash("md5", bytes) !== etag)
		throw new AwsError("InvalidPart", `Part ${number} was not uploaded, or is not the one of that ETag.`);
	return bytes;
}
