import { pathToFileURL } from "node:url";
import type { ReplayEvent } from "../../contract/replay.ts";
import type { LakeRecord } from "../../lake/record.ts";
import type { ChangeOf } from "../../lake/select.ts";
import { invoke } from "../invoke.ts";
import type { ConsumerPlace, Services } from "../place.ts";
import { outcomesOf, replayEvent } from "../replay-event.ts";

/** What became of a record: `again` is to be sent once more. */
export interface Sent {
	outcome: "delivered" | "skipped" | "rejected" | "again";
	reason: string | null;
}

/** Where a replay's records go. */
export interface Target {
	/** Most records of one call. */
	batchSize: number;
	/** Attempts at an item's records before the replay stops. */
	attempts: number;
	/** One answer per record, in their order. Records of an item stand in their order. */
	send(records: readonly LakeRecord[]): Promise<Sent[]>;
}

const DONE: Readonly<Record<string, Sent["outcome"]>> = {
	delivered: "delivered",
	deduplicated: "delivered",
	skipped: "skipped",
	reject: "rejected",
};

/** A consumer, through its real function: it alone, whoever else the function delivers to. */
export function consumerTarget(
	place: ConsumerPlace,
	{ lambda }: Pick<Services, "lambda">,
	replay: Pick<ReplayEvent, "replayId" | "newIds">,
): Target {
	return {
		batchSize: place.batchSize,
		attempts: 8,
		async send(records) {
			const lines = records.map(({ line }) => line);
			const event = replayEvent({ ...replay, consumer: place.consumer }, lines);
			const answer = await invoke(lambda, place.functionName, event);
			if (answer.status !== "answered") return records.map(() => ({ outcome: "again", reason: answer.reason }));
			const outcomes = outcomesOf(place.functionName, answer.response);
			return records.map(({ eventID }) => {
				const { outcome = "", reason = "The function did not account for it." } = outcomes.get(eventID) ?? {};
				return { outcome: DONE[outcome] ?? "again", reason };
			});
		},
	};
}

/** Another function: it gets Lambda events as a table's stream would give them. */
export function functionTarget(arn: string, { lambda }: Pick<Services, "lambda">): Target {
	return {
		batchSize: 100,
		attempts: 3,
		async send(records) {
			const answer = await invoke(lambda, arn, `{"Records":[${records.map(({ line }) => line).join(",")}]}`);
			if (answer.status !== "answered") return records.map(() => ({ outcome: "again", reason: answer.reason }));
			return readResponse(records, answer.response);
		},
	};
}

/** A file of JavaScript or TypeScript that exports `handler`, in this process: the same events, one attempt. */
export async function fileTarget(path: string, now: () => number): Promise<Target> {
	const { handler } = await import(pathToFileURL(path).href);
	if (typeof handler !== "function") throw new TypeError("it exports no function `handler`");
	return {
		batchSize: 100,
		attempts: 1,
		async send(records) {
			const end = now() + 900_000;
			const context = { awsRequestId: "replay", getRemainingTimeInMillis: () => end - now() };
			try {
				return readResponse(records, await handler({ Records: records.map(({ json }) => json) }, context));
			} catch (error) {
				const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
				return records.map(() => ({ outcome: "again", reason }));
			}
		},
	};
}

/** A batch response names the first that is not done; what answers something else has taken all. */
function readResponse(records: readonly LakeRecord[], response: unknown): Sent[] {
	const { batchItemFailures } = (response ?? {}) as { batchItemFailures?: { itemIdentifier?: string }[] };
	const failed = new Set((batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
	const found = records.findIndex(({ json }) => failed.has(sequenceNumberOf(json)));
	const first = failed.size === 0 ? records.length : Math.max(0, found);
	return records.map((_, index) =>
		index < first ? { outcome: "delivered", reason: null } : { outcome: "again", reason: "The handler named it." },
	);
}

const sequenceNumberOf = (json: unknown): string | undefined =>
	(json as { dynamodb?: { SequenceNumber?: string } }).dynamodb?.SequenceNumber;

/** Milliseconds for one answer. */
const URL_TIMEOUT = 30_000;

/** A URL: each record as a CloudEvent, one request each; an item's one after another. */
export function urlTarget(url: string, changeOf: ChangeOf): Target {
	const post = async (record: LakeRecord): Promise<Sent> => {
		try {
			const response = await fetch(url, {
				method: "POST",
				headers: { "content-type": "application/cloudevents+json; charset=utf-8" },
				body: changeOf(record)?.eventJson("literal") ?? record.line,
				redirect: "error",
				signal: AbortSignal.timeout(URL_TIMEOUT),
			});
			await response.arrayBuffer();
			if (response.ok) return { outcome: "delivered", reason: null };
			const transient = response.status >= 500 || response.status === 408 || response.status === 429;
			return { outcome: transient ? "again" : "rejected", reason: `It answered ${response.status}.` };
		} catch (error) {
			return { outcome: "again", reason: `It gave no answer: ${(error as Error).name}` };
		}
	};
	return {
		batchSize: 10,
		attempts: 5,
		async send(records) {
			const sent: Sent[] = [];
			for (const record of records) {
				const failed = sent.some(({ outcome }) => outcome === "again");
				sent.push(failed ? { outcome: "again", reason: "An earlier record is not done." } : await post(record));
			}
			return sent;
		},
	};
}
