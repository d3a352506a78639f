import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClientOf } from "../contract/deliver.ts";
import type { Manifest } from "../contract/manifest.ts";
import { deadLetterPrefix } from "../contract/places.ts";
import { safeEventID } from "./arrival.ts";
import { jsonTextOf } from "./json-text.ts";

export const DEAD_LETTER_FORMAT_VERSION = 1;

/** A record that a consumer will not get by itself, whole, with its cause. */
export interface DeadLetter {
	formatVersion: typeof DEAD_LETTER_FORMAT_VERSION;
	pipeline: string;
	consumer: string;
	eventID: string;
	reason: string;
	attempts: number;
	/** The replay in which it was parked; null for a stream's. */
	replayId: string | null;
	/** ISO times. */
	firstFailedAt: string;
	parkedAt: string;
	/** As it came; for data that were no JSON, `{"base64": …}`. */
	record: unknown;
}

/** Where a letter lies: by item and in the item's order. */
export interface DeadLetterPlace {
	keyHash: string;
	sequence: string;
}

export interface DeadLetters {
	/** Rejects when the store does not take it; the record is then not done. */
	park(letter: DeadLetter, place: DeadLetterPlace): Promise<void>;
}

/** Key of a letter; the same for each attempt, so that parking again changes nothing. */
export function deadLetterKey(
	{ pipeline, consumer, eventID }: DeadLetter,
	{ keyHash, sequence }: DeadLetterPlace,
): string {
	const ordered = sequence.replaceAll("/", "-");
	return `${deadLetterPrefix(pipeline, consumer)}${keyHash}/${ordered}-${safeEventID(eventID)}.json`;
}

/** Dead letters as objects of the operations bucket: of any size, listed in order, kept. */
export function createDeadLetters(manifest: Manifest, client: ClientOf): DeadLetters {
	const s3 = client(S3Client);
	return {
		async park(letter, place) {
			const command = new PutObjectCommand({
				Bucket: manifest.operations.bucket,
				Key: deadLetterKey(letter, place),
				Body: jsonTextOf(letter),
				ContentType: "application/json",
			});
			await s3.send(command);
		},
	};
}
