import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { deadLetterPrefix, SKIPPED_LETTERS } from "../../contract/places.ts";
import type { DeadLetter } from "../../runtime/dead-letters.ts";
import { OperationError } from "../operation-error.ts";
import type { LetterPlace, Stores } from "../place.ts";
import { recordText } from "../replay-event.ts";

/** A letter as its key describes it. */
export interface LetterRef {
	key: string;
	keyHash: string;
	/** Its place in its item's order, as `Change.sequence`. */
	sequence: string;
	/** Of the record; a hash for an odd one. */
	eventID: string;
}

type S3 = Pick<Stores, "s3">;

const NAME = /^([0-9a-f]{64})\/(.*?)-(\d{40,})-([\w:-]+)\.json$/;

const prefixOf = ({ pipeline, consumer }: LetterPlace): string => deadLetterPrefix(pipeline, consumer);

/** Letters of a consumer, or of one item of it: item by item, each item's in its order. Strangers' objects are passed over. */
export function listLetters(place: LetterPlace, stores: S3, keyHash?: string): AsyncGenerator<LetterRef> {
	return list(place, stores, prefixOf(place), keyHash);
}

/** Letters whose records a redrive found that the consumer does not select any more. */
export function listSkipped(place: LetterPlace, stores: S3): AsyncGenerator<LetterRef> {
	return list(place, stores, `${prefixOf(place)}${SKIPPED_LETTERS}`);
}

async function* list(
	{ bucket: Bucket }: LetterPlace,
	{ s3 }: S3,
	prefix: string,
	keyHash?: string,
): AsyncGenerator<LetterRef> {
	const Prefix = keyHash === undefined ? prefix : `${prefix}${keyHash}/`;
	for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
		for (const { Key = "" } of Contents) {
			const [, item, label, number, eventID] = NAME.exec(Key.slice(prefix.length)) ?? [];
			if (item === undefined || number === undefined || eventID === undefined) continue;
			yield { key: Key, keyHash: item, sequence: `${label}/${number}`, eventID };
		}
}

/** Letters of one item, in its order. */
export async function lettersOf(place: LetterPlace, services: S3, keyHash: string): Promise<LetterRef[]> {
	const letters: LetterRef[] = [];
	for await (const letter of listLetters(place, services, keyHash)) letters.push(letter);
	return letters;
}

/** Puts a letter where no item waits for it. It is then to be deleted where it lay. */
export async function putAside(
	place: LetterPlace,
	{ s3, now }: Pick<Stores, "s3" | "now">,
	key: string,
	letter: DeadLetter,
	reason: string | null,
): Promise<void> {
	const prefix = prefixOf(place);
	const write = {
		Bucket: place.bucket,
		Key: `${prefix}${SKIPPED_LETTERS}${key.slice(prefix.length)}`,
		Body: recordText({ ...letter, skipped: { at: new Date(now()).toISOString(), reason } }),
		ContentType: "application/json",
	};
	await s3.send(new PutObjectCommand(write));
}

/** The bytes of a letter's record, if they were no JSON: there is nothing in them that a consumer could be given. */
export function bytesOf({ record }: DeadLetter): Buffer | null {
	const { base64, ...more } = (record ?? {}) as { base64?: unknown };
	return typeof base64 === "string" && Object.keys(more).length === 0 ? Buffer.from(base64, "base64") : null;
}

/** A letter whole; null when it is gone. Throws OperationError for an object that is none. */
export async function readLetter({ bucket }: LetterPlace, { s3 }: S3, key: string): Promise<DeadLetter | null> {
	let text: string;
	try {
		const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
		text = (await Body?.transformToString()) ?? "";
	} catch (error) {
		if ((error as Error).name === "NoSuchKey") return null;
		throw error;
	}
	const letter = parse(text);
	if (letter === null)
		throw new OperationError(`s3://${bucket}/${key} is no dead letter: it is not the JSON that a function writes.`);
	return { ...letter, replayId: letter.replayId ?? null };
}

function parse(text: string): DeadLetter | null {
	try {
		const value = JSON.parse(text);
		return typeof value?.eventID === "string" && typeof value.reason === "string" && "record" in value ? value : null;
	} catch {
		return null;
	}
}

export async function deleteLetter({ bucket }: LetterPlace, { s3 }: S3, key: string): Promise<void> {
	await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}

/** A redrive that is refused has its function write the letter anew: what was known of earlier attempts is put back. */
export async function keepHistory(
	place: LetterPlace,
	services: S3,
	key: string,
	{ attempts, firstFailedAt }: DeadLetter,
): Promise<void> {
	const anew = await readLetter(place, services, key);
	if (anew === null) return;
	const letter = { ...anew, attempts: attempts + anew.attempts, firstFailedAt };
	const Body = recordText(letter);
	const write = { Bucket: place.bucket, Key: key, Body, ContentType: "application/json" };
	await services.s3.send(new PutObjectCommand(write));
}
