import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { LakeError } from "./lake-error.ts";
import type { LakeObject } from "./list.ts";
import type { LakePlace } from "./place.ts";

const DECOMPRESS = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const;

/** An object holds at most what one invocation brought: 6 MB of JSON (Lambda quotas), a few times that when it is mended by hand. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Lines of an object, without their ends. Throws LakeError when it is gone or broken. */
export async function readLines(place: LakePlace, { key, compression }: LakeObject): Promise<string[]> {
	const bytes = await fetchObject(place, key);
	let text: string;
	try {
		text = (await DECOMPRESS[compression](bytes, { maxOutputLength: MOST_BYTES })).toString("utf8");
	} catch (error) {
		throw new LakeError(
			"object-broken",
			`s3://${place.bucket}/${key} is no whole ${compression} file: ${(error as Error).message}`,
			{
				key,
			},
		);
	}
	if (text !== "" && !text.endsWith("\n"))
		throw new LakeError("object-broken", `s3://${place.bucket}/${key} ends in half a line.`, { key });
	return text === "" ? [] : text.slice(0, -1).split("\n");
}

async function fetchObject({ s3, bucket }: LakePlace, key: string): Promise<Uint8Array> {
	try {
		const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
		return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
	} catch (error) {
		const gone = (error as Error).name === "NoSuchKey";
		throw new LakeError(
			gone ? "object-gone" : "lake-unreachable",
			`s3://${bucket}/${key} ${gone ? "went away while the lake was read" : `cannot be read: ${(error as Error).name}`}.`,
			{ key },
		);
	}
}
