import { KinesisClient, PutRecordsCommand, type PutRecordsCommandOutput } from "@aws-sdk/client-kinesis";
import { answerFrom } from "./answer.ts";
import type { Arrival } from "./arrival.ts";
import { checkIn } from "./claim-check.ts";
import type { Invocation, Process } from "./invocation.ts";
import { describeError, OwnError } from "./observer.ts";
import { createPutQueue, type Put, type PutQueue } from "./put-queue.ts";

/** Claim checks stored at once. */
const STORES_AT_ONCE = 4;

/** Forwards every record, whatever its shape, to the fan-out's stream, in the order of each item. Never parks. */
export const forwardBatch: Process = async (invocation) => {
	const { manifest, arrivals, deps } = invocation;
	// A direct router whose consumers are all switched off owes nobody anything.
	if (manifest.forward === null && manifest.consumers.length === 0) return answerFrom(arrivals, () => true);
	const done = new Set<Arrival>();
	let trouble = "no time was left";
	try {
		await putAll(createPutQueue(await preparePuts(invocation), deps.random), invocation, (arrival) => {
			done.add(arrival);
			report(arrival, null, invocation);
		});
	} catch (error) {
		trouble = describeError(error);
		deps.observer.trouble(`Records could not be forwarded: ${trouble}`);
	}
	for (const arrival of arrivals) if (!done.has(arrival)) report(arrival, trouble, invocation);
	return answerFrom(arrivals, (arrival) => done.has(arrival));
};

function report({ eventID, time }: Arrival, failure: string | null, { deps }: Invocation): void {
	deps.observer.delivery({
		consumer: "router",
		eventID,
		outcome: failure === null ? "delivered" : "retry",
		reason: failure,
		payload: null,
		ageMilliseconds: deps.now() - time * 1000,
		refused: false,
	});
}

/** Puts until nothing is left, nothing can be started or a call fails whole; the client has then retried what is worth it. */
async function putAll(queue: PutQueue, invocation: Invocation, accepted: (arrival: Arrival) => void): Promise<void> {
	const { deps, mayStart } = invocation;
	for (let earliest = queue.earliest(); earliest !== null && mayStart(); earliest = queue.earliest()) {
		const call = queue.next(deps.now());
		if (call.length === 0) {
			await deps.sleep(Math.max(1, earliest - deps.now()));
			continue;
		}
		const answer = await send(call, invocation);
		// The answer has an entry per record, in the request's order; a failed one has an error code.
		for (const [index, put] of call.entries())
			if (answer.Records?.[index]?.ErrorCode !== undefined) queue.failed(put, deps.now());
			else {
				queue.accepted(put);
				accepted(put.arrival);
			}
	}
}

async function send(call: readonly Put[], { manifest, deps, signal }: Invocation): Promise<PutRecordsCommandOutput> {
	const command = new PutRecordsCommand({
		StreamName: forwardOf(manifest).stream,
		Records: call.map(({ arrival, data }) => ({ PartitionKey: arrival.keyHash, Data: data })),
	});
	const answer = await deps.client(KinesisClient).send(command, { abortSignal: signal });
	const entries = answer.Records?.length;
	if (entries !== call.length)
		throw new OwnError(`Kinesis answered ${entries ?? "no"} entries for ${call.length} records.`);
	return answer;
}

/** Each record as it will be put. What is too large is stored first, and a record behind one that could not be stored does not go. */
async function preparePuts(invocation: Invocation): Promise<Put[]> {
	const { arrivals, deps } = invocation;
	const puts = arrivals.map((arrival) => putOf(arrival, arrival.data));
	const { maxRecordBytes } = forwardOf(invocation.manifest);
	const large = puts.filter(({ size }) => size > maxRecordBytes);
	const stopped = new Map<string, number>();
	const work = large.values();
	const storeNext = async (): Promise<void> => {
		for (const { arrival } of work)
			try {
				const stub = await checkIn(arrival, invocation.manifest, deps.client, invocation.signal);
				puts[arrival.position] = putOf(arrival, stub);
			} catch (error) {
				deps.observer.trouble(`Claim check of ${arrival.eventID} cannot be stored: ${describeError(error)}`);
				const before = stopped.get(arrival.keyHash) ?? Number.POSITIVE_INFINITY;
				stopped.set(arrival.keyHash, Math.min(before, arrival.position));
			}
	};
	await Promise.all(Array.from({ length: STORES_AT_ONCE }, storeNext));
	return puts.filter(({ arrival }) => arrival.position < (stopped.get(arrival.keyHash) ?? Number.POSITIVE_INFINITY));
}

function putOf(arrival: Arrival, content: string | Buffer): Put {
	const data = typeof content === "string" ? Buffer.from(content) : content;
	return { arrival, data, size: data.length + Buffer.byteLength(arrival.keyHash) };
}

function forwardOf(manifest: Invocation["manifest"]) {
	if (!manifest.forward) throw new Error(`The manifest of ${manifest.pipeline}/${manifest.function} names no stream.`);
	return manifest.forward;
}
