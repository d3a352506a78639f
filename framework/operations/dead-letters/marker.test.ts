import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { beforeEach, expect, test } from "vitest";
import type { ClientOf, Outcome } from "../../contract/deliver.ts";
import { createDeadLetters } from "../../runtime/dead-letters.ts";
import { createDynamodbState } from "../../runtime/dynamodb-state.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { clientsOn, type Stores } from "../../testing/interleaving.ts";
import { consumerOf, type HandlerRun, manifestOf, runHandler } from "../../testing/run-handler.ts";
import type { ConsumerPlace, Services } from "../place.ts";
import { dropLetters } from "./drop.ts";
import { listLetters } from "./letters.ts";
import { redriveAll } from "./redrive-all.ts";

const HOURS = 3600 * 1000;
const manifest = manifestOf({ consumers: [consumerOf("crm"), consumerOf("bi")] });
const placeOf = (consumer: string): ConsumerPlace => ({
	...{ pipeline: "orders", consumer, functionName: "orders-router", together: ["crm", "bi"], timeoutSeconds: 60 },
	...{ recordAgeSeconds: 22 * 3600, batchSize: 10, redrive: null },
	...{ bucket: "operations", stateTable: "state", scope: "orders/router" },
});

let time: number;
let calls: string[];
let services: Services;
let run: HandlerRun;
let outcomes: Record<string, Outcome>;

beforeEach(() => {
	const stores: Stores = { objects: new Map(), rows: new Map() };
	time = RECORD_TIME * 1000;
	calls = [];
	outcomes = {};
	const clients = clientsOn(stores, async (apply) => {
		try {
			return apply();
		} catch (error) {
			if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
			throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
		}
	});
	const table = {
		send(command: { constructor: { name: string }; input: { Key?: { row?: { S?: string } } } }) {
			calls.push(
				[command.constructor.name.replace("Command", ""), command.input.Key?.row?.S].filter(Boolean).join(" "),
			);
			return clients.dynamodb.send(command as never);
		},
	};
	const client = ((type: { name: string }) => (type.name === "S3Client" ? clients.s3 : table)) as unknown as ClientOf;
	run = runHandler(manifest, {
		state: createDynamodbState({
			...{ client, table: "state", scope: "orders/router", now: () => time },
			sleep: async () => {},
		}),
		deadLetters: createDeadLetters(manifest, client),
		answer: (consumer) => outcomes[consumer] ?? { status: "delivered" },
	});
	const lambda = {
		async send({ input }: { input: { Payload: Uint8Array } }) {
			const answer = await run.invoke(JSON.parse(Buffer.from(input.Payload).toString()));
			return { Payload: Buffer.from(JSON.stringify(answer)) };
		},
	} as unknown as LambdaClient;
	services = { ...clients, lambda, now: () => time, sleep: async () => {} };
});

/** What a healthy invocation asks the state table. */
async function healthyCalls(): Promise<string[]> {
	calls.length = 0;
	await run.invoke({ Records: [streamRecord({ item: "healthy" })] });
	return calls;
}

async function park(...consumers: string[]): Promise<void> {
	for (const consumer of consumers) outcomes[consumer] = { status: "reject", reason: "refused" };
	await run.invoke({ Records: [streamRecord({ item: "a" })] });
	outcomes = {};
}

function redriveBy(consumer: string) {
	const lease = { renew: async () => {} };
	const signal = new AbortController().signal;
	return redriveAll(placeOf(consumer), services, {
		...{ id: "r1", rate: null, signal, lease },
		onRecord() {},
		onProgress() {},
	});
}

test("behind the last quarantine rows are looked up as long as a redriven record may come again, and then no more", async () => {
	expect(await healthyCalls()).toEqual(["GetItem marker"]);
	await park("crm");
	expect(await healthyCalls()).toEqual(["GetItem marker", "Query"]);
	time += 1000 * HOURS;
	expect(await healthyCalls()).toEqual(["GetItem marker", "Query"]);

	await redriveBy("crm");
	expect(await healthyCalls()).toEqual(["GetItem marker", "Query"]);
	// A late copy of what was redriven is known.
	await run.invoke({ Records: [streamRecord({ item: "a" })] });
	expect(run.deliveries.find(({ consumer }) => consumer === "crm")?.outcome).toBe("deduplicated");
	time += 24 * HOURS;
	expect(await healthyCalls()).toEqual(["GetItem marker"]);
});

test("dropping the last letter does the same, and a quarantine at another consumer of the function prevents it", async () => {
	await park("crm", "bi");
	await dropLetters(placeOf("crm"), services, listLetters(placeOf("crm"), services));
	time += 1000 * HOURS;
	expect(await healthyCalls()).toEqual(["GetItem marker", "Query"]);
	await dropLetters(placeOf("bi"), services, listLetters(placeOf("bi"), services));
	time += 24 * HOURS;
	expect(await healthyCalls()).toEqual(["GetItem marker"]);
});

test("what begins to fail meanwhile keeps its own time", async () => {
	await park("crm");
	outcomes = { bi: { status: "retry", reason: "busy" } };
	await run.invoke({ Records: [streamRecord({ item: "b" })] });
	outcomes = {};
	await redriveBy("crm");
	time += 40 * HOURS;
	// It notes that the consumer is well again, for as long as that matters.
	expect(await healthyCalls()).toContain("UpdateItem bi/*");
	time += 50 * HOURS;
	expect(await healthyCalls()).toEqual(["GetItem marker"]);
});

test("a quarantine whose record was noted and never parked ends once no stream can hand that over any more, not before", async () => {
	const key = { consumer: "crm", keyHash: "a" };
	const given = { eventID: "1", sequence: "s/1", reason: "", firstFailedAt: time, attempts: 1, refused: false };
	await run.deps.state.quarantine(key, given);
	await run.deps.state.parking(key, given.sequence);
	time += 23 * HOURS;
	expect(await redriveBy("crm")).toMatchObject({ waiting: 1, lifted: 0 });
	time += 1;
	expect(await redriveBy("crm")).toMatchObject({ waiting: 0, lifted: 1 });
	time += 24 * HOURS;
	expect(await healthyCalls()).toEqual(["GetItem marker"]);
});

test("where a later record was noted too, it is waited for", async () => {
	const key = { consumer: "crm", keyHash: "a" };
	const given = { eventID: "1", sequence: "s/1", reason: "", firstFailedAt: time, attempts: 1, refused: false };
	await run.deps.state.quarantine(key, given);
	await run.deps.state.parking(key, "s/2");
	time += 1000 * HOURS;
	expect(await redriveBy("crm")).toMatchObject({ waiting: 1, lifted: 0 });
});
