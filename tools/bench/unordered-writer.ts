import { answerFrom } from "../../framework/runtime/answer.ts";
import type { Arrival } from "../../framework/runtime/arrival.ts";
import { reportForwarded } from "../../framework/runtime/forward.ts";
import type { Process } from "../../framework/runtime/invocation.ts";
import { PUT_LIMITS } from "../../framework/runtime/put-queue.ts";
import type { KinesisRecord } from "./world.ts";

export type Put = (
	records: readonly KinesisRecord[],
) => Promise<{ Records: { ErrorCode?: string; SequenceNumber?: string }[] }>;

interface Call {
	arrivals: Arrival[];
	records: KinesisRecord[];
}

/**
 * A router without order: what any has to do that loses nothing and tells what it did, and no more. It does not look which records are of
 * one item, stores nothing that is too large, and does not mind the deadline.
 */
export const unorderedProcess =
	(put: Put): Process =>
	async (invocation) => {
		const { arrivals, deps } = invocation;
		// A partial batch response names what was not accepted.
		const done = arrivals.map(() => false);
		const send = async ({ arrivals, records }: Call, attempt = 0): Promise<void> => {
			const { Records } = await put(records);
			const now = deps.now();
			// A call that succeeds may have failed entries; the answer has one for each record, by position.
			const refused: Call = { arrivals: [], records: [] };
			arrivals.forEach((arrival, index) => {
				if (Records[index]?.ErrorCode === undefined) {
					done[arrival.position] = true;
					reportForwarded(arrival, null, now, invocation);
				} else {
					refused.arrivals.push(arrival);
					refused.records.push(records[index] as KinesisRecord);
				}
			});
			if (refused.arrivals.length === 0) return;
			await deps.sleep(Math.random() * 50 * 2 ** attempt);
			await send(refused, attempt + 1);
		};
		// A call is on its way as soon as it is full: what is done while it is costs no time.
		const sent: Promise<void>[] = [];
		for (const call of callsOf(arrivals)) sent.push(send(call));
		await Promise.all(sent);
		return answerFrom(arrivals, ({ position }) => done[position] === true);
	};

/** Within the limits of a call: records, and bytes with the keys. */
function* callsOf(arrivals: readonly Arrival[]): Generator<Call> {
	let call: Call = { arrivals: [], records: [] };
	let bytes = 0;
	for (const arrival of arrivals) {
		// One item's records belong into one shard, and DynamoDB's keys may be longer than a partition key: hence the hash, as ours.
		const record = { PartitionKey: arrival.keyHash, Data: bytesOf(arrival.data) };
		const size = record.PartitionKey.length + record.Data.length;
		if (call.records.length === PUT_LIMITS.records || bytes + size > PUT_LIMITS.bytes) {
			yield call;
			call = { arrivals: [], records: [] };
			bytes = 0;
		}
		call.arrivals.push(arrival);
		call.records.push(record);
		bytes += size;
	}
	yield call;
}

const bytesOf = (data: string | Buffer): Buffer => (typeof data === "string" ? Buffer.from(data) : data);
