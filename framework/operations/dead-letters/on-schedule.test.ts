import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, test } from "vitest";
import type { ClientOf, Outcome } from "../../contract/deliver.ts";
import type { Handler } from "../../contract/lambda.ts";
import { REDRIVE_SOURCE } from "../../contract/redrive.ts";
import { createDeadLetters } from "../../runtime/dead-letters.ts";
import { createDynamodbState } from "../../runtime/dynamodb-state.ts";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { clientsOn, type Stores } from "../../testing/interleaving.ts";
import { consumerOf, type HandlerRun, manifestOf, runHandler } from "../../testing/run-handler.ts";
import { redriveOnSchedule } from "./on-schedule.ts";

const manifest = manifestOf({ consumers: [consumerOf("crm", { budgetSeconds: 1 })] });

let stores: Stores;
let calls: string[];
let lines: string[];
let run: HandlerRun;
let handler: Handler;
/** What becomes of an item's records. */
let answer: (eventID: string) => Outcome;
let fault: Error | null;

beforeEach(() => {
	stores = { objects: new Map(), rows: new Map() };
	[calls, lines, fault] = [[], [], null];
	answer = () => ({ status: "retry", reason: "busy" });
	const clients = clientsOn(stores, async (apply) => {
		if (fault) throw fault;
		try {
			return apply();
		} catch (error) {
			if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
			throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
		}
	});
	for (const each of [clients.s3, clients.dynamodb]) {
		const { send } = each;
		each.send = (command: object) => {
			calls.push(command.constructor.name.replace("Command", ""));
			return (send as (command: object) => Promise<never>)(command);
		};
	}
	const client = ((type: { name: string }) =>
		type.name === "S3Client" ? clients.s3 : clients.dynamodb) as unknown as ClientOf;
	run = runHandler(manifest, {
		client,
		state: createDynamodbState({
			...{ client, table: "state", scope: "orders/router", now: () => RECORD_TIME * 1000 },
			sleep: async () => {},
		}),
		deadLetters: createDeadLetters(manifest, client),
		answer: (_consumer, eventID) => answer(eventID),
	});
	const around = { ...run.deps, write: (line: string) => void lines.push(line) };
	handler = redriveOnSchedule((event) => run.invoke(event), manifest, around);
});

const look = (wish: object = {}): Promise<unknown> => {
	const time = new Date(RECORD_TIME * 1000).toISOString();
	const event = { source: REDRIVE_SOURCE, consumer: "crm", everyMinutes: 15, maxAttempts: 20, time, ...wish };
	return handler(event, { awsRequestId: "look", getRemainingTimeInMillis: () => 60_000 });
};

/** Lets records fail for longer than the budget. */
async function park(...names: string[]): Promise<void> {
	const event = { Records: names.map((item) => streamRecord({ item })) };
	await run.invoke(event);
	run.advance(2000);
	await run.invoke(event);
}

test("a look while nothing is in quarantine costs a query and the marker, and writes nothing", async () => {
	expect(await look()).toEqual({ batchItemFailures: [], redrive: null });
	expect([calls, lines]).toEqual([["Query", "GetItem"], []]);
});

test("every other event is the function's own", async () => {
	answer = () => ({ status: "delivered" });
	const context = { awsRequestId: "batch", getRemainingTimeInMillis: () => 60_000 };
	expect(await handler({ Records: [streamRecord({ item: "a" })] }, context)).toEqual({ batchItemFailures: [] });
	expect(run.deliveries).toMatchObject([{ outcome: "delivered" }]);
});

test("a consumer that takes nothing is asked once, whatever is parked; what it was not asked for keeps its count", async () => {
	const names = Array.from({ length: 120 }, (_, index) => `item-${index}`);
	await park(...names);
	let asked = 0;
	answer = () => {
		asked += 1;
		return { status: "retry", reason: "busy" };
	};
	expect(await look()).toMatchObject({ redrive: { delivered: 0, retried: 50, givenUp: 0 } });
	expect(asked).toBe(50);
	// At the same time once more: those are not due again, others are.
	expect(await look()).toMatchObject({ redrive: { retried: 50 } });
	answer = () => ({ status: "delivered" });
	expect(await look()).toMatchObject({ redrive: { delivered: 20, lifted: 20 } });
	expect(await look({ time: new Date((RECORD_TIME + 900) * 1000).toISOString() })).toMatchObject({
		redrive: { delivered: 100, lifted: 100 },
	});
	expect([stores.objects.size, lines.length]).toEqual([0, 4]);
});

test("a look that finds somebody else at work ends, and leaves everything as it was", async () => {
	await park("a");
	const lease = { holder: { S: "somebody" }, leaseUntil: { N: String(RECORD_TIME + 60) } };
	stores.rows.set("orders/router lease/crm", { scope: { S: "orders/router" }, row: { S: "lease/crm" }, ...lease });
	const before = JSON.stringify([...stores.rows, ...stores.objects]);
	answer = () => ({ status: "delivered" });
	expect(await look()).toMatchObject({ redrive: null });
	expect(JSON.stringify([...stores.rows, ...stores.objects])).toBe(before);
});

test("a letter that cannot be read stops its item alone, and waits for a person", async () => {
	await park("a", "b");
	const [first] = stores.objects.keys();
	stores.objects.set(first ?? "", "not what a function writes");
	answer = () => ({ status: "delivered" });
	expect(await look()).toMatchObject({ redrive: { delivered: 1, lifted: 1, givenUp: 1 } });
	expect(run.troubles).toEqual([expect.stringContaining("is no dead letter")]);
	expect(await look()).toMatchObject({ redrive: null });
});

test("a store that does not answer fails the invocation, in the runtime's own words", async () => {
	fault = Object.assign(new Error("secret=4711"), { name: "InternalServerError" });
	await expect(look()).rejects.toThrow(/^Dead letters of crm could not be redriven: InternalServerError$/);
});

test("a look for a stranger, or without its settings, is refused", async () => {
	await expect(look({ consumer: "cmr" })).rejects.toThrow('does not deliver to "cmr"');
	for (const wish of [{ everyMinutes: 0 }, { maxAttempts: "20" }, { time: "<aws.scheduler.scheduled-time>" }])
		await expect(look(wish)).rejects.toThrow("an ISO `time`");
	expect(calls).toEqual([]);
});
