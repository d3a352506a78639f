import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { journalPrefix } from "../../contract/places.ts";
import { compareRecords, type LakeRecord } from "../../lake/record.ts";
import { OperationError } from "../operation-error.ts";

export const JOURNAL_FORMAT_VERSION = 1;

/** What a replay is about, and how far it came: an object of the operations bucket. */
export interface Journal {
	formatVersion: typeof JOURNAL_FORMAT_VERSION;
	replayId: string;
	/** Epoch seconds; the end is always a number, so that a resumed replay ends where it was to end. */
	from: number;
	to: number;
	/** As given; null = every record. */
	where: string | null;
	newIds: boolean;
	state: "running" | "interrupted" | "done";
	/** Every record before this place is done. */
	through: { label: string; sequence: string } | null;
	/** eventIDs that are done at that place and beyond it. */
	done: string[];
	counts: Counts;
	/** Mappings that this replay disabled and has not enabled again. */
	paused: string[];
	updatedAt: string;
}

export interface Counts {
	delivered: number;
	/** Not selected by the consumer's own condition. */
	skipped: number;
	/** Refused: parked by a consumer's function. */
	rejected: number;
	/** Records of the lake that no consumer can be given. */
	unreadable: number;
}

export interface JournalPlace {
	s3: S3Client;
	bucket: string;
	pipeline: string;
	/** The consumer, or a name for another target. */
	name: string;
}

const keyOf = ({ pipeline, name }: JournalPlace): string => `${journalPrefix(pipeline)}replays/${name}.json`;

/** null when there is none, or none that this version can read. */
export async function readJournal(place: JournalPlace): Promise<Journal | null> {
	try {
		const { Body } = await place.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: keyOf(place) }));
		const journal: Journal = JSON.parse((await Body?.transformToString()) ?? "null");
		return journal?.formatVersion === JOURNAL_FORMAT_VERSION ? journal : null;
	} catch (error) {
		if ((error as Error).name === "NoSuchKey" || error instanceof SyntaxError) return null;
		throw error;
	}
}

export async function writeJournal(place: JournalPlace, journal: Journal, now: number): Promise<void> {
	const Body = JSON.stringify({ ...journal, updatedAt: new Date(now).toISOString() });
	const write = { Bucket: place.bucket, Key: keyOf(place), Body, ContentType: "application/json" };
	await place.s3.send(new PutObjectCommand(write)).catch((error: Error) => {
		throw new JournalError(
			`The replay's journal s3://${write.Bucket}/${write.Key} cannot be written: ${error.name}: ${error.message.replace(/\.?$/, ".")}`,
		);
	});
}

/** Nobody would know what was sent: nothing more is. */
export class JournalError extends OperationError {
	override readonly name = "JournalError";
}

/** Which records an earlier run of the replay is through with. */
export function doneBefore({ through, done }: Pick<Journal, "through" | "done">): (record: LakeRecord) => boolean {
	const known = new Set(done);
	return (record) => (through !== null && compareRecords(record, through) < 0) || known.has(record.eventID);
}
