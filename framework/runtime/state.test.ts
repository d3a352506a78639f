import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eachAtOnce } from "./at-once.ts";
import { createDynamodbState } from "./dynamodb-state.ts";
import { createMemoryState } from "./memory-state.ts";
import type { Failure, Progress, StateStore } from "./state.ts";

// The package has no types of its own.
const dynalite: (options: object) => Server = createRequire(import.meta.url)("dynalite");
const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;
let time = Date.parse("2026-11-24T09:30:00Z");
let calls: string[] = [];
/** Read capacity units of the calls, as the service counts them. */
let readUnits = 0;

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
	const { port } = server.address() as AddressInfo;
	client = new DynamoDBClient({
		endpoint: `http://127.0.0.1:${port}`,
		region: "eu-west-1",
		credentials: { accessKeyId: "a", secretAccessKey: "b" },
		requestHandler: new NodeHttpHandler(),
	});
	await client.send(
		new CreateTableCommand({
			TableName: "state",
			BillingMode: "PAY_PER_REQUEST",
			AttributeDefinitions: [
				{ AttributeName: "scope", AttributeType: "S" },
				{ AttributeName: "row", AttributeType: "S" },
			],
			KeySchema: [
				{ AttributeName: "scope", KeyType: "HASH" },
				{ AttributeName: "row", KeyType: "RANGE" },
			],
		}),
	);
});
afterAll(() => {
	client.destroy();
	server.close();
});

type Command = { constructor: { name: string }; input: { Key?: { row?: { S?: string } }; RequestItems?: object } };

/** A store of its own scope; every call of it is noted, with what it costs. */
function storeOf(scope: string): StateStore {
	const noting = {
		async send(command: Command) {
			calls.push([command.constructor.name, command.input.Key?.row?.S].filter(Boolean).join(" "));
			Object.assign(command.input, { ReturnConsumedCapacity: "TOTAL" });
			const answer = (await client.send(command as never)) as { ConsumedCapacity?: Capacity | Capacity[] };
			if (!/Update|Write/.test(command.constructor.name))
				for (const { CapacityUnits = 0 } of [answer.ConsumedCapacity ?? []].flat()) readUnits += CapacityUnits;
			return answer;
		},
	};
	return createDynamodbState({
		client: <Client>() => noting as unknown as Client,
		table: "state",
		scope,
		now: () => time,
		sleep: async () => {},
	});
}

interface Capacity {
	CapacityUnits?: number;
}

const key = { consumer: "crm", keyHash: "k1" };
const failure: Failure = { eventID: "e1", firstFailedAt: 1, attempts: 1, notBefore: 0 };
const quarantine = { eventID: "e1", sequence: "s/0001", reason: "bad", firstFailedAt: 1, attempts: 1, refused: true };
const progress = (wish: Partial<Progress>): Progress => ({ before: {}, quarantined: false, ...wish });
const stateOf = async (store: StateStore) => (await store.read([key])).get("crm/k1");

beforeEach(() => {
	calls = [];
	readUnits = 0;
});

describe.each<[string, (name: string) => StateStore]>([
	["in DynamoDB", storeOf],
	["in memory", () => createMemoryState()],
])("%s", (_where, open) => {
	test("a quarantine stays: the first one, over whatever an invocation that does not know it writes", async () => {
		const store = open("in/quarantine");
		await store.progress(key, progress({ failure }), 60);
		await store.quarantine(key, quarantine);
		await store.quarantine(key, { ...quarantine, eventID: "e2" });
		await store.progress(key, progress({ failure: { ...failure, eventID: "e3" }, before: { failure } }), 60);
		time += 400 * 24 * 3600 * 1000;
		expect(await stateOf(store)).toEqual({ failure, quarantine });
	});

	test("a record is noted before it is parked, and told when its item is in quarantine no more", async () => {
		const store = open("parking");
		expect(await store.parking(key, "s/0002")).toBe(false);
		await store.quarantine(key, quarantine);
		for (const sequence of ["s/0002", "s/0005", "s/0002"]) expect(await store.parking(key, sequence)).toBe(true);
		expect(await stateOf(store)).toEqual({ quarantine, parkedThrough: "s/0005" });
	});

	test("a quarantine is lifted as it was read, and not behind a note that has come since", async () => {
		const store = open("lifts/quarantine");
		await store.progress(key, progress({ deliveredThrough: "s/0000" }), 60);
		await store.quarantine(key, quarantine);
		const read = (await stateOf(store)) ?? {};
		expect(await store.parking(key, "s/0001")).toBe(true);
		expect(await store.lift(key, read, 60)).toBe(false);
		const noted = (await stateOf(store)) ?? {};
		expect(await store.lift(key, noted, 60)).toBe(true);
		expect(await stateOf(store)).toEqual({ deliveredThrough: "s/0000" });
		expect(await store.lift(key, noted, 60)).toBe(false);
		expect(await store.parking(key, "s/0002")).toBe(false);
	});

	test("what is done never goes back, in quarantine neither", async () => {
		const store = open("done/through");
		await store.progress(key, progress({ deliveredThrough: "s/0005" }), 60);
		await store.progress(key, progress({ deliveredThrough: "s/0003" }), 60);
		expect(await stateOf(store)).toEqual({ deliveredThrough: "s/0005" });
		await store.quarantine(key, quarantine);
		await store.progress(key, progress({ deliveredThrough: "s/0007", quarantined: true }), 60);
		expect(await stateOf(store)).toEqual({ deliveredThrough: "s/0007", quarantine });
	});

	test("of two at once, whoever writes a failure first is heard: no budget is set back", async () => {
		const store = open("two/at-once");
		await store.progress(key, progress({ failure }), 60);
		const [one, other] = [await stateOf(store), await stateOf(store)];
		const again = { ...failure, attempts: 2 };
		await store.progress(key, progress({ failure: again, before: one ?? {} }), 60);
		const late = { ...failure, firstFailedAt: 9, attempts: 1 };
		await store.progress(key, progress({ failure: late, before: other ?? {} }), 60);
		await store.progress(key, progress({ failure: late }), 60);
		expect(await stateOf(store)).toEqual({ failure: again });
		const next = { ...failure, eventID: "e2", firstFailedAt: 20 };
		await store.progress(key, progress({ failure: next, before: { failure: again } }), 60);
		expect(await stateOf(store)).toEqual({ failure: next });
	});

	test("deliveries are known by consumer and record", async () => {
		const store = open("remembers/deliveries");
		const keys = ["e1", "e2", "../e3", "e1"].map((eventID) => ({ ...key, eventID }));
		await store.rememberDelivered(keys, 60);
		const others = [
			{ ...key, eventID: "e4" },
			{ ...key, consumer: "bi", eventID: "e1" },
		];
		expect(await store.delivered([...keys, ...others])).toEqual(new Set(keys));
		expect(await store.delivered([])).toEqual(new Set());
		expect(await store.read([key])).toEqual(new Map());
	});
});

test("while nothing is wrong an invocation costs one read unit, however many keys it has", async () => {
	const keys = Array.from({ length: 1000 }, (_, index) => ({ consumer: "crm", keyHash: `k${index}` }));
	expect(await storeOf("a/b").read(keys)).toEqual(new Map());
	expect([calls, readUnits]).toEqual([["GetItemCommand marker"], 1]);
});

test("a little trouble costs one more, and the marker comes before the row", async () => {
	const store = storeOf("little/trouble");
	await store.progress(key, progress({ failure }), 60);
	expect(calls).toEqual(["UpdateItemCommand marker", "UpdateItemCommand crm/k1"]);
	const keys = Array.from({ length: 1000 }, (_, index) => ({ consumer: "crm", keyHash: `k${index}` }));
	expect((await store.read(keys)).get("crm/k1")).toEqual({ failure });
	expect([calls.slice(2), readUnits]).toEqual([["GetItemCommand marker", "QueryCommand"], 2]);
});

test("a record costs two writes to be parked: its note, and behind it the marker, which nobody takes away unseen from then on", async () => {
	const store = storeOf("parking/cost");
	await store.quarantine(key, quarantine);
	calls = [];
	await store.parking(key, "s/0002");
	expect(calls).toEqual(["UpdateItemCommand crm/k1", "UpdateItemCommand marker"]);
});

test("behind the last quarantine that is lifted, an invocation looks for no rows any more once none matters", async () => {
	const store = storeOf("lifts/last");
	const other = { ...key, keyHash: "k2" };
	await store.quarantine(key, quarantine);
	await store.quarantine(other, quarantine);
	const asked = async () => {
		time += 2 * 3600 * 1000;
		calls = [];
		await store.read([key]);
		return calls;
	};
	expect(await store.lift(key, { quarantine }, 60)).toBe(true);
	expect(await asked()).toEqual(["GetItemCommand marker", "QueryCommand"]);
	expect(await store.lift(other, { quarantine }, 60)).toBe(true);
	expect(await asked()).toEqual(["GetItemCommand marker"]);
});

test("of much trouble just the batch's keys are read, also more than 100", async () => {
	const store = storeOf("much/trouble");
	const keys = Array.from({ length: 650 }, (_, index) => ({ consumer: "crm", keyHash: `k${index}` }));
	await eachAtOnce(keys, 20, (each) => store.progress(each, progress({ failure }), 60));
	const states = await store.read(keys.slice(500));
	expect([states.size, states.get("crm/k649")]).toEqual([150, { failure }]);
	expect(calls.slice(-4)).toEqual([
		"GetItemCommand marker",
		"QueryCommand",
		"BatchGetItemCommand",
		"BatchGetItemCommand",
	]);
	expect(await storeOf("other/scope").read(keys)).toEqual(new Map());
});

test("a marker that has expired asks for nothing more, and a row that has does not refuse a new failure", async () => {
	const store = storeOf("expired/marker");
	await store.progress(key, progress({ failure }), 60);
	time += 2 * 3600 * 1000;
	expect(await store.read([key])).toEqual(new Map());
	const next = { ...failure, eventID: "e2" };
	await store.progress(key, progress({ failure: next }), 60);
	expect(await stateOf(store)).toEqual({ failure: next });
});

test("a delivery is forgotten when its time is over", async () => {
	const store = storeOf("forgets/deliveries");
	const keys = [{ ...key, eventID: "e1" }];
	await store.rememberDelivered(keys, 60);
	time += 61_000;
	expect(await store.delivered(keys)).toEqual(new Set());
});

test("what a batch call leaves over is asked for again, and not for ever", async () => {
	let answers = 0;
	const sender = {
		async send({ input }: { input: { RequestItems: { state: { Keys: object[] } } } }) {
			answers += 1;
			return { Responses: { state: [] }, UnprocessedKeys: input.RequestItems };
		},
	};
	const store = createDynamodbState({
		client: <Client>() => sender as unknown as Client,
		table: "state",
		scope: "s",
		now: () => time,
		sleep: async () => {},
	});
	await expect(store.delivered([{ ...key, eventID: "e1" }])).rejects.toThrow("left 1 rows aside");
	expect(answers).toBe(8);
});
