import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDynamodbState } from "./dynamodb-state.ts";
import type { StateStore } from "./state.ts";

// The package has no types of its own.
const dynalite: (options: object) => Server = createRequire(import.meta.url)("dynalite");
const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;
let time = Date.parse("2026-11-24T09:30:00Z");
let calls: string[] = [];

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

/** A store of its own scope; every call of it is noted. */
function storeOf(scope: string): StateStore {
	calls = [];
	const noting = {
		send(command: { constructor: { name: string }; input: { Key?: { row?: { S?: string } } } }) {
			calls.push([command.constructor.name, command.input.Key?.row?.S].filter(Boolean).join(" "));
			return client.send(command as never);
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

const key = { consumer: "crm", keyHash: "k1" };
const failure = { eventID: "e1", firstFailedAt: 1, attempts: 1, notBefore: 0 };
const quarantine = { eventID: "e1", reason: "bad", firstFailedAt: 1, attempts: 1 };

test("while nothing is wrong an invocation costs one read", async () => {
	expect(await storeOf("a/b").read([key])).toEqual(new Map());
	expect(calls).toEqual(["GetItemCommand marker"]);
});

test("the marker comes before the row, and more than 100 keys are read whole", async () => {
	const store = storeOf("many/keys");
	const keys = Array.from({ length: 130 }, (_, index) => ({ consumer: "crm", keyHash: `k${index}` }));
	for (const each of keys) await store.progress(each, { failure, quarantined: false }, 60);
	expect(calls.slice(0, 2)).toEqual(["UpdateItemCommand marker", "UpdateItemCommand crm/k0"]);
	const states = await store.read(keys);
	expect(states.size).toBe(130);
	expect(states.get("crm/k129")).toEqual({ failure });
	expect(await storeOf("other/scope").read(keys)).toEqual(new Map());
});

test("a marker that has expired asks for nothing more", async () => {
	const store = storeOf("expired/marker");
	await store.progress(key, { failure, quarantined: false }, 60);
	time += 2 * 3600 * 1000;
	expect(await store.read([key])).toEqual(new Map());
});

test("a quarantine stays: the first one, without an end, over whatever an invocation that does not know it writes", async () => {
	const store = storeOf("in/quarantine");
	await store.progress(key, { failure, quarantined: false }, 60);
	await store.quarantine(key, quarantine);
	await store.quarantine(key, { ...quarantine, eventID: "e2" });
	await store.progress(key, { failure: { ...failure, eventID: "e3" }, quarantined: false }, 60);
	time += 400 * 24 * 3600 * 1000;
	expect(await store.read([key])).toEqual(new Map([["crm/k1", { failure, quarantine }]]));
});

test("what is done never goes back", async () => {
	const store = storeOf("done/through");
	await store.progress(key, { deliveredThrough: "s/0005", quarantined: false }, 60);
	await store.progress(key, { deliveredThrough: "s/0003", quarantined: false }, 60);
	expect((await store.read([key])).get("crm/k1")).toEqual({ deliveredThrough: "s/0005" });
});
