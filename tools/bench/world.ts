import { deliverers } from "../../consumers/deliverers.ts";
import type { Condition } from "../../framework/contract/condition.ts";
import type { Content } from "../../framework/contract/content.ts";
import type { ClientOf, SendingClient } from "../../framework/contract/deliver.ts";
import type { LambdaContext } from "../../framework/contract/lambda.ts";
import type { ManifestConsumer } from "../../framework/contract/manifest.ts";
import { createHandler } from "../../framework/runtime/handler.ts";
import type { BaseDependencies, Dependencies } from "../../framework/runtime/invocation.ts";
import { createJsonObserver } from "../../framework/runtime/json-observer.ts";
import { createLake } from "../../framework/runtime/lake.ts";
import { createProcessHandler } from "../../framework/runtime/process-handler.ts";
import { createStores } from "../../framework/runtime/stores.ts";
import { consumerOf, manifestOf } from "../../framework/testing/run-handler.ts";
import { BENCH_TIME } from "./event.ts";
import { type Put, unorderedProcess } from "./unordered-writer.ts";

/** Bytes that reached the outside since the start, so that nobody can say that the work was left out. */
export const sent = { bytes: 0, requests: 0 };

export type Run = (event: unknown) => Promise<unknown>;

const NOW = BENCH_TIME * 1000 + 60_000;
const CONTEXT: LambdaContext = { awsRequestId: "bench", getRemainingTimeInMillis: () => 60_000 };
const TABLE = {
	...manifestOf().table,
	keys: { partition: { name: "orderId", type: "S" }, sort: { name: "line", type: "N" } },
} as const;

/** The real handler of a router that delivers to these consumers, with everything outside it answered at once. */
export function routerOf(consumers: ManifestConsumer[]): Run {
	const manifest = manifestOf({ table: TABLE, consumers });
	const handler = createHandler(manifest, dependencies(manifest));
	return (event) => handler(event, CONTEXT);
}

/** The real lake function, but for the compression: up to the text of its objects. */
export function uncompressedLake(): Run {
	const manifest = manifestOf({
		function: "lake",
		role: "lake",
		table: TABLE,
		lake: { bucket: "lake", compression: "zstd" },
	});
	const plain = { suffix: "none", compress: async (lines: Buffer) => lines };
	const handler = createProcessHandler(createLake({ gzip: plain, zstd: plain }), manifest, dependencies(manifest));
	return (event) => handler(event, CONTEXT);
}

/** An http consumer as a plan describes it. */
export function httpConsumer(
	name: string,
	condition: Condition,
	content: Content,
	maxRecords: number,
): ManifestConsumer {
	const settings = {
		url: "https://receiver.example.com/events",
		method: "POST",
		headers: {},
		secretHeaders: {},
		content,
		numbers: "literal",
		timeoutSeconds: 10,
		batch: { maxRecords },
	};
	return consumerOf(name, { kind: "http", condition, concurrency: 10, settings });
}

/** An s3 consumer of flat rows, as a plan describes it. */
export function s3Consumer(name: string): ManifestConsumer {
	const settings = { bucket: "exports", prefix: "orders", content: "item", numbers: "literal", compression: "none" };
	return consumerOf(name, { kind: "s3", concurrency: 1, settings });
}

/** A typical condition: three tests, one of a nested attribute and one of a number, and a change. */
export function conditionOn(status: string): Condition {
	return {
		events: ["INSERT", "MODIFY"],
		tests: [
			{ image: "new", path: ["status"], op: "equals", values: [{ S: status }] },
			{
				image: "new",
				path: ["customer", "country"],
				op: "equals",
				values: [{ S: "DE" }, { S: "AT" }, { S: "CH" }, { S: "ES" }],
			},
			{ image: "new", path: ["total"], op: "gte", value: { N: "100" } },
		],
		changed: [["status"]],
		any: [],
	};
}

/** The real router of a `kinesis` fan-out in front of a stream that `put` stands for. */
export function forwarderOf(put: Put, time: Time): Run {
	const forward = { stream: "fan-out", maxRecordBytes: 1_048_576 };
	const manifest = manifestOf({ table: TABLE, forward });
	const sender: SendingClient = { send: async ({ input }) => put(input.Records) };
	const handler = createHandler(manifest, { ...dependencies(manifest, sender), ...time });
	return (event) => handler(event, CONTEXT);
}

/** The same function around a writer that keeps no order. */
export function unorderedOf(put: Put, time: Time): Run {
	const manifest = manifestOf({ table: TABLE });
	const handler = createProcessHandler(unorderedProcess(put), manifest, { ...dependencies(manifest), ...time });
	return (event) => handler(event, CONTEXT);
}

export type Time = Pick<Dependencies, "now" | "sleep">;

export interface KinesisRecord {
	PartitionKey: string;
	Data: Uint8Array;
}

const recordingSender: SendingClient = {
	send: async ({ input }) => {
		sent.bytes += input.Body?.length ?? 0;
		sent.requests += 1;
		return {};
	},
};

function dependencies(manifest: ReturnType<typeof manifestOf>, sender = recordingSender): Dependencies {
	const accepted = new Response(null, { status: 200 });
	const base: BaseDependencies = {
		client: (<Client extends SendingClient>() => sender as unknown as Client) satisfies ClientOf,
		now: () => NOW,
		random: () => 0.5,
		sleep: async () => {},
		timeout: () => new AbortController().signal,
		observer: createJsonObserver(manifest, { write: () => {}, now: () => NOW }),
	};
	return {
		...base,
		// Healthy: the state table's answer is that there is no marker.
		...createStores(manifest, base, {}),
		deliverers,
		fetch: async (_url, init) => {
			sent.bytes += String(init?.body).length;
			sent.requests += 1;
			return accepted;
		},
	};
}
