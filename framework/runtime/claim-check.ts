import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClientOf } from "../contract/deliver.ts";
import type { Manifest } from "../contract/manifest.ts";
import { claimCheckPrefix } from "../contract/places.ts";
import { Arrival, safeEventID } from "./arrival.ts";
import { eachAtOnce } from "./at-once.ts";
import { beforeAbort } from "./before-abort.ts";
import type { BaseDependencies, Deadline } from "./invocation.ts";
import { jsonTextOf } from "./json-text.ts";
import { describeError } from "./observer.ts";
import { contentOf } from "./sources/kinesis.ts";
import { isObject } from "./sources/source.ts";

/** Objects fetched at once: a claim check holds more than 1 MiB, and small functions have 128 MB. */
const FETCHES_AT_ONCE = 4;

const NO_ANSWER = "S3 did not answer in time.";

/** A record that travelled as a stub. Whoever could not read it once had to take it for wanted. */
export class Redeemed extends Arrival {}

/** Stores a record that is too large to travel and answers the stub that travels instead. */
export async function checkIn(
	arrival: Arrival,
	manifest: Manifest,
	client: ClientOf,
	signal: AbortSignal,
): Promise<string> {
	const { bucket } = manifest.operations;
	const key = `${claimCheckPrefix(manifest.pipeline)}${safeEventID(arrival.eventID)}.json`;
	const command = new PutObjectCommand({
		Bucket: bucket,
		Key: key,
		Body: arrival.data,
		ContentType: "application/json",
		Metadata: { consumer: manifest.function, records: "1" },
	});
	await beforeAbort(client(S3Client).send(command, { abortSignal: signal }), signal, NO_ANSWER);
	return jsonTextOf(stubOf(arrival, { bucket, key }));
}

/** Everything of a record but its images: enough for its lane, its identity and a look at the stream. */
function stubOf(arrival: Arrival, claimCheck: { bucket: string; key: string }): object {
	const { dynamodb, eventID: _, ...outer } = isObject(arrival.json) ? arrival.json : {};
	const { NewImage: _new, OldImage: _old, ...change } = isObject(dynamodb) ? dynamodb : {};
	// Only short members: what made a malformed record too large may be anywhere.
	const short = Object.entries(outer).filter(([, value]) => jsonTextOf(value).length <= 1024);
	return {
		claimCheck,
		eventID: arrival.eventID,
		...Object.fromEntries(short),
		...(arrival.keyed ? { dynamodb: change } : {}),
	};
}

/** Of the time in which work may begin, what reading may take. */
const READING_SHARE = 0.5;

/** Of what is left of that, what one object may: however many hang, the next has some. */
const READ_SHARE = 0.5;

type Needs = Pick<BaseDependencies, "client" | "timeout"> & Pick<Deadline, "timeToStart">;

/**
 * Replaces stubs by the records they stand for. One that cannot be had is marked, never thrown. Reads end while there is time for the
 * rest of the batch: one that hangs must cost its own item alone.
 */
export async function redeemAll(
	arrivals: readonly Arrival[],
	manifest: Manifest,
	{ client, timeout, timeToStart }: Needs,
): Promise<readonly Arrival[]> {
	const stubs = arrivals.filter(({ json }) => isObject(json) && isObject(json.claimCheck));
	if (stubs.length === 0) return arrivals;
	const redeemed = [...arrivals];
	const kept = timeToStart() * (1 - READING_SHARE);
	await eachAtOnce(stubs, FETCHES_AT_ONCE, async (stub) => {
		const milliseconds = Math.max(0, Math.floor((timeToStart() - kept) * READ_SHARE));
		redeemed[stub.position] = await redeem(stub, manifest, client, timeout(milliseconds));
	});
	return redeemed;
}

async function redeem(stub: Arrival, manifest: Manifest, client: ClientOf, signal: AbortSignal): Promise<Arrival> {
	const { bucket, key } = (stub.json as { claimCheck: { bucket: unknown; key: unknown } }).claimCheck;
	// Whoever may write to the stream must not be able to make the function read other objects.
	const own = bucket === manifest.operations.bucket && String(key).startsWith(claimCheckPrefix(manifest.pipeline));
	if (!own) return stub.marked({ status: "malformed", reason: "Its claim check points outside the pipeline." });
	try {
		const command = new GetObjectCommand({ Bucket: String(bucket), Key: String(key) });
		const text = await beforeAbort(textOf(command, client, signal), signal, NO_ANSWER);
		const identity = { identifier: stub.identifier, eventID: stub.eventID, arrived: stub.time };
		return new Redeemed(stub.position, identity, contentOf(Buffer.from(text)), text, stub.source);
	} catch (error) {
		const reason = `Its claim check ${key} cannot be read: ${describeError(error)}`;
		return stub.marked({ status: (error as Error).name === "NoSuchKey" ? "malformed" : "unavailable", reason });
	}
}

async function textOf(command: GetObjectCommand, client: ClientOf, signal: AbortSignal): Promise<string> {
	const { Body } = await client(S3Client).send(command, { abortSignal: signal });
	return (await Body?.transformToString("utf8")) ?? "";
}
