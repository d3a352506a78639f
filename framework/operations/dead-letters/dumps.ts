import { createHash } from "node:crypto";
import {
	DeleteObjectCommand,
	GetObjectCommand,
	ListObjectsV2Command,
	PutObjectCommand,
	paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { FAILURE_DUMP_PREFIX, journalPrefix } from "../../contract/places.ts";
import { type Arrival, decodeEvent } from "../../runtime/arrival.ts";
import { sequenceOf } from "../../runtime/change.ts";
import { OperationError } from "../operation-error.ts";
import type { ConsumerPlace, Services } from "../place.ts";

/** A batch that a mapping gave up after crashes: some of its records may have arrived. */
export interface Dump {
	key: string;
	/** `RetryAttemptsExhausted` or `RecordAgeExceeded`. */
	condition: string;
	/** ISO time. */
	at: string;
	invocations: number;
	/** The Lambda event, as its function got it. */
	event: string;
	records: DumpedRecord[];
}

export interface DumpedRecord {
	eventID: string;
	keyHash: string;
	/** As `Change.sequence`. */
	sequence: string;
	/** Without the envelope of its stream. */
	record: unknown;
}

type S3 = Pick<Services, "s3">;

/** The dumps of a function's mappings, oldest first; for a consumer those that it was not redriven from yet. */
export async function* listDumps(place: ConsumerPlace, { s3 }: S3): AsyncGenerator<Dump> {
	for (const Prefix of await mappingsOf(place, { s3 }))
		for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: place.bucket, Prefix }))
			for (const { Key = "" } of Contents) {
				if (place.together.length > 1 && (await isMarked(place, { s3 }, Key, place.consumer))) continue;
				const dump = await readDump(place, { s3 }, Key);
				if (dump !== null) yield dump;
			}
}

/** Prefixes of the mappings that feed the function. A dump names its function, so that nothing but S3 need be asked. */
async function mappingsOf(place: ConsumerPlace, { s3 }: S3): Promise<string[]> {
	const { bucket: Bucket, functionName } = place;
	const prefixes: string[] = [];
	const pages = paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: FAILURE_DUMP_PREFIX, Delimiter: "/" });
	for await (const { CommonPrefixes = [] } of pages)
		for (const { Prefix = "" } of CommonPrefixes) {
			const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }));
			const body = Contents[0]?.Key === undefined ? null : await fetchJson(Bucket, { s3 }, Contents[0].Key);
			if (body?.requestContext?.functionArn?.split(":")[6] === functionName) prefixes.push(Prefix);
		}
	return prefixes;
}

interface DumpBody {
	requestContext?: { functionArn?: string; condition?: string; approximateInvokeCount?: number };
	timestamp?: string;
	payload?: string;
}

async function fetchJson(Bucket: string, { s3 }: S3, Key: string): Promise<DumpBody | null> {
	try {
		const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
		return JSON.parse((await Body?.transformToString()) ?? "null");
	} catch (error) {
		if ((error as Error).name === "NoSuchKey") return null;
		if (error instanceof SyntaxError) throw broken(Bucket, Key);
		throw error;
	}
}

async function readDump({ bucket }: ConsumerPlace, s3: S3, key: string): Promise<Dump | null> {
	const body = await fetchJson(bucket, s3, key);
	if (body === null) return null;
	const { requestContext: { condition = "", approximateInvokeCount = 0 } = {}, timestamp = "", payload = "" } = body;
	try {
		const records = decodeEvent(JSON.parse(payload)).map(describe);
		return { key, condition, at: timestamp, invocations: approximateInvokeCount, event: payload, records };
	} catch {
		throw broken(bucket, key);
	}
}

const broken = (bucket: string, key: string): OperationError =>
	new OperationError(`s3://${bucket}/${key} is no dump that Lambda wrote: move it away to go on.`);

function describe({ eventID, keyHash, json, sequenceNumber, data }: Arrival): DumpedRecord {
	const record = json === undefined ? { base64: Buffer.from(data).toString("base64") } : json;
	return { eventID, keyHash, sequence: sequenceOf(json, sequenceNumber), record };
}

/** Notes that a consumer is through with a dump; the dump goes when all of its function are. */
export async function finishDump(place: ConsumerPlace, services: S3, key: string): Promise<void> {
	const { s3 } = services;
	const others = place.together.filter((consumer) => consumer !== place.consumer);
	const Body = JSON.stringify({ dump: key });
	const put = { Bucket: place.bucket, Key: markKey(place, key, place.consumer), Body };
	if (others.length > 0) await s3.send(new PutObjectCommand(put));
	for (const other of others) if (!(await isMarked(place, services, key, other))) return;
	await s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: key }));
	for (const consumer of place.together.length > 1 ? place.together : [])
		await s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: markKey(place, key, consumer) }));
}

function markKey({ pipeline }: ConsumerPlace, key: string, consumer: string): string {
	const name = createHash("sha256").update(key).digest("hex");
	return `${journalPrefix(pipeline)}dumps/${name}/${consumer}.json`;
}

async function isMarked(place: ConsumerPlace, s3: S3, key: string, consumer: string): Promise<boolean> {
	return (await fetchJson(place.bucket, s3, markKey(place, key, consumer))) !== null;
}
