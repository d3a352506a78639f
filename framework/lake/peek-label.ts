import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { LakeObject } from "./list.ts";
import type { LakePlace } from "./place.ts";
import { readLines } from "./read-object.ts";
import { parseRecord } from "./record.ts";

/** Most records are far smaller, and the label stands at a record's end. */
const PEEKED_BYTES = 16 * 1024;

/** The label of the stream that an object's records come from: an object is one batch, and a batch is of one stream. */
export async function peekLabel(place: LakePlace, object: LakeObject): Promise<string> {
	const line = (await peekLine(place, object)) ?? (await readLines(place, object))[0];
	return line === undefined ? "" : parseRecord(line, object.key, 1).label;
}

/** The first line, from the object's beginning alone; null when it is longer. */
async function peekLine({ s3, bucket }: LakePlace, { key, compression }: LakeObject): Promise<string | null> {
	const range = `bytes=0-${PEEKED_BYTES - 1}`;
	const bytes = await s3
		.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: range }))
		.then((answer) => answer.Body?.transformToByteArray());
	if (!bytes) return null;
	const text = await decompressPart(bytes, compression);
	const end = text.indexOf("\n");
	return end === -1 ? null : text.slice(0, end);
}

/** As much as can be had of a file that is cut off. */
function decompressPart(bytes: Uint8Array, compression: LakeObject["compression"]): Promise<string> {
	const stream =
		compression === "gzip" ? createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }) : createZstdDecompress();
	return new Promise((resolve) => {
		const parts: Buffer[] = [];
		const finish = (): void => resolve(Buffer.concat(parts).toString("utf8"));
		stream
			.on("data", (part) => parts.push(part))
			.on("end", finish)
			.on("error", finish);
		stream.end(bytes);
	});
}
