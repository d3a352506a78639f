import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { AwsError } from "../aws-json.ts";
import type { Checksum } from "./content.ts";
import { isFileName, type Paths } from "./paths.ts";

/** What a put says of an object. */
export interface ObjectDescription {
	/** Without quotes. */
	etag: string;
	headers: Record<string, string>;
	checksum: Checksum | null;
}

export interface StoredObject extends ObjectDescription {
	size: number;
	/** Epoch milliseconds. */
	modifiedAt: number;
}

/** Size and time tell whether a description is of the file that lies there, or of one that it replaced. */
interface Metadata extends ObjectDescription {
	key: string;
	size: number;
	mtimeMs: number;
}

export interface ObjectStore {
	find(bucket: string, key: string): StoredObject | null;
	/** Bytes from `start` up to `end`, which is not included; null if the object went away meanwhile. */
	read(bucket: string, key: string, start: number, end: number): Promise<Buffer | null>;
	/** `check` sees what is about to be replaced and may throw; nothing comes between it and the replacement. */
	put(
		bucket: string,
		key: string,
		bytes: Buffer,
		description: ObjectDescription,
		check?: (current: StoredObject | null) => void,
	): Promise<StoredObject>;
	delete(bucket: string, key: string): void;
	/** Keys that begin with a prefix, in no order. */
	keys(bucket: string, prefix: string): string[];
}

/** Objects as plain files, for any tool to read: an object is written aside and renamed, so that nobody sees half of one. */
export function openObjectStore(paths: Paths): ObjectStore {
	const find = (bucket: string, key: string): StoredObject | null => {
		const file = statSync(paths.object(bucket, key), { throwIfNoEntry: false });
		if (!file?.isFile()) return null;
		const { size, mtimeMs } = file;
		const metadata = readMetadata(paths.metadata(bucket, key));
		const described = metadata?.size === size && metadata.mtimeMs === mtimeMs;
		return { ...(described ? metadata : describeFile(size, mtimeMs)), size, modifiedAt: Math.floor(mtimeMs) };
	};
	return {
		find,
		async read(bucket, key, start, end) {
			const file = await open(paths.object(bucket, key)).catch(nullIfMissing);
			if (file === null) return null;
			try {
				const bytes = Buffer.alloc(end - start);
				const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
				return bytesRead === bytes.length ? bytes : null;
			} finally {
				await file.close();
			}
		},
		async put(bucket, key, bytes, description, check) {
			const target = paths.object(bucket, key);
			const temporary = join(paths.temporary, randomUUID());
			await mkdir(paths.temporary, { recursive: true });
			try {
				await writeFile(temporary, bytes);
				// From here in one go: no other request comes between.
				check?.(find(bucket, key));
				const { size, mtimeMs } = statSync(temporary);
				writeMetadata(paths.metadata(bucket, key), { ...description, key, size, mtimeMs });
				moveInto(temporary, target, paths.bucket(bucket));
				return { ...description, size, modifiedAt: Math.floor(mtimeMs) };
			} finally {
				await rm(temporary, { force: true });
			}
		},
		delete(bucket, key) {
			if (find(bucket, key) === null) return;
			rmSync(paths.object(bucket, key));
			rmSync(paths.metadata(bucket, key), { force: true });
			removeEmptyFolders(dirname(paths.object(bucket, key)), paths.bucket(bucket));
		},
		keys: (bucket, prefix) => keysBelow(paths.bucket(bucket), prefix),
	};
}

/** A file that was put there by hand: its size and time tell one content from another as well as an MD5 does. */
function describeFile(size: number, mtimeMs: number): ObjectDescription {
	const etag = `${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}`;
	return { etag, headers: { "content-type": "binary/octet-stream" }, checksum: null };
}

function readMetadata(file: string): Metadata | null {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch {
		// None, or one whose writing was cut off.
		return null;
	}
}

function writeMetadata(file: string, metadata: Metadata): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, JSON.stringify(metadata));
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
	if (error.code === "ENOENT") return null;
	throw error;
}

function moveInto(temporary: string, target: string, bucketDir: string): void {
	if (!statSync(bucketDir, { throwIfNoEntry: false }))
		throw new AwsError("NoSuchBucket", "The bucket was deleted.", 404);
	try {
		mkdirSync(dirname(target), { recursive: true });
		renameSync(temporary, target);
	} catch (error) {
		if (!["EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? ""))
			throw error;
		throw new AwsError(
			"InvalidArgument",
			"The local S3 keeps objects as plain files: a key cannot be an object and the beginning of other keys before a slash. Choose another key.",
		);
	}
}

function removeEmptyFolders(from: string, bucketDir: string): void {
	for (let folder = from; folder !== bucketDir; folder = dirname(folder)) {
		if (readdirSync(folder).length > 0) return;
		rmdirSync(folder);
	}
}

function keysBelow(bucketDir: string, prefix: string): string[] {
	const folders = prefix.split("/").slice(0, -1);
	if (!folders.every(isFileName)) return [];
	const start = join(bucketDir, ...folders);
	if (!statSync(start, { throwIfNoEntry: false })?.isDirectory()) return [];
	return readdirSync(start, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(bucketDir, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
		.filter((key) => key.startsWith(prefix));
}
