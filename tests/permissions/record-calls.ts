import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import { deliverers as shipped } from "../../consumers/deliverers.ts";
import type { AnyDeliverer, ClientOf, Outcome } from "../../framework/contract/deliver.ts";
import type { AttributeValue, StreamRecord } from "../../framework/contract/dynamodb.ts";
import type { KeyAttribute, Manifest } from "../../framework/contract/manifest.ts";
import { claimCheckPrefix } from "../../framework/contract/places.ts";
import { REDRIVE_SOURCE } from "../../framework/contract/redrive.ts";
import { redriveOnSchedule } from "../../framework/operations/dead-letters/on-schedule.ts";
import type { PlannedFunction } from "../../framework/plan/types.ts";
import * as readers from "../../framework/runtime/secret-readers.ts";
import { createStores } from "../../framework/runtime/stores.ts";
import { streamRecord } from "../../framework/testing/factories.ts";
import { type HandlerRun, runHandler } from "../../framework/testing/run-handler.ts";
import type { Request } from "./iam.ts";
import { PLACE, requestsOf } from "./requests.ts";

/** More items in trouble than the state table is asked for in one query. */
const MANY = 110;

/** Over 1 MiB: too large for Kinesis. */
const LARGE = 1_200_000;

export async function createStateTable(dynamodb: DynamoDBClient, name: string): Promise<void> {
	const key = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
	const command = new CreateTableCommand({
		TableName: name,
		AttributeDefinitions: [key("scope"), key("row")],
		KeySchema: [
			{ AttributeName: "scope", KeyType: "HASH" },
			{ AttributeName: "row", KeyType: "RANGE" },
		],
		BillingMode: "PAY_PER_REQUEST",
	});
	await dynamodb.send(command);
}

/**
 * Every call to AWS that a function's real handler makes, over what can become of a batch: delivered, too large, fetched from its
 * claim check, retried, come again while much is in trouble, refused, redriven on a schedule. Its kinds deliver for real; their trouble is made up.
 */
export async function recordCalls(planned: PlannedFunction, dynamodb: DynamoDBClient): Promise<Request[]> {
	// Which records a consumer wants is not what this is about.
	const consumers = planned.manifest.consumers.map((consumer) => ({ ...consumer, condition: null }));
	const manifest: Manifest = { ...planned.manifest, consumers };
	const { client, requests, objects } = recordingClient(dynamodb);
	const world = runHandler(manifest);
	let fate: Outcome["status"] = "delivered";
	const wish = {
		client,
		...createStores(manifest, { ...world.deps, client }, readers),
		deliverers: Object.fromEntries(Object.entries(shipped).map(([kind, each]) => [kind, doomed(each, () => fate)])),
	};
	const run = runHandler(manifest, wish);
	const invoke = (records: object[]): Promise<unknown> => handOver(run, planned, records);
	const record = (item: string, number = 1, size = 10): StreamRecord => recordOf(manifest, item, number, size);

	const stub = stubOf(manifest, record("checked"));
	objects.set(stub.claimCheck.key, JSON.stringify(record("checked")));
	const isRouter = manifest.forward !== null;
	await invoke([record("a"), record("a", 2), record("b", 1, isRouter ? LARGE : 10)]);
	if (planned.source.type === "kinesis") await invoke([stub]);
	if (consumers.length > 0) {
		fate = "retry";
		await invoke(Array.from({ length: MANY }, (_, index) => record(`item-${index}`)));
		fate = "delivered";
		await invoke([record("item-0")]);
		fate = "reject";
		await invoke([record("refused")]);
	}
	if (planned.redrives.length > 0) {
		// Parked at the first failure.
		const impatient = { ...manifest, consumers: consumers.map((each) => ({ ...each, budgetSeconds: 0 })) };
		const second = runHandler(impatient, wish);
		fate = "retry";
		await handOver(second, planned, [record("parked")]);
		fate = "delivered";
		for (const redrive of planned.redrives) {
			const around = { ...second.deps, write: () => {} };
			const handler = redriveOnSchedule((event) => second.invoke(event), impatient, around);
			const event = { source: REDRIVE_SOURCE, time: new Date(second.deps.now()).toISOString(), ...redrive };
			const answer = await handler(event, { awsRequestId: "look", getRemainingTimeInMillis: () => 60_000 });
			expect(answer).toMatchObject({ redrive: { delivered: 1, lifted: 1 } });
		}
		run.troubles.push(...second.troubles);
	}
	if (run.troubles.length > 0) throw new Error(`${planned.id}: ${run.troubles.join("; ")}`);
	return requests;
}

/** A kind that delivers, or fails as it is told. */
function doomed(deliverer: AnyDeliverer, fate: () => Outcome["status"]): AnyDeliverer {
	return {
		limits: deliverer.limits,
		async deliver(changes, context) {
			const status = fate();
			if (status === "delivered") return deliverer.deliver(changes, context);
			return changes.map((): Outcome => ({ status, reason: "made up" }));
		},
	};
}

/** Hands every command on to a stand-in and keeps what IAM would be asked. DynamoDB is the embedded one: its answers decide what is called next. */
function recordingClient(dynamodb: DynamoDBClient) {
	const requests: Request[] = [];
	const objects = new Map<string, string>();
	const answers: Record<string, (input: never) => unknown> = {
		PutObjectCommand: ({ Key, Body }: { Key: string; Body: string }) => {
			objects.set(Key, Body);
			return {};
		},
		DeleteObjectCommand: ({ Key }: { Key: string }) => {
			objects.delete(Key);
			return {};
		},
		ListObjectsV2Command: ({ Prefix }: { Prefix: string }) => ({
			Contents: [...objects.keys()].filter((key) => key.startsWith(Prefix)).map((Key) => ({ Key })),
		}),
		GetObjectCommand: ({ Key }: { Key: string }) => ({ Body: { transformToString: async () => objects.get(Key) } }),
		PutRecordsCommand: ({ Records }: { Records: unknown[] }) => ({ Records: Records.map(() => ({})) }),
		GetSecretValueCommand: () => ({ SecretString: `whsec_${"c2VjcmV0".repeat(4)}` }),
		GetParameterCommand: () => ({ Parameter: { Value: "a parameter" } }),
		InvokeCommand: () => ({ Payload: Buffer.from("{}") }),
	};
	const sender = {
		async send(command: { constructor: { name: string }; input: never }) {
			requests.push(...requestsOf(command));
			const answer = answers[command.constructor.name];
			return answer ? answer(command.input) : dynamodb.send(command as never);
		},
	};
	// The SDK's paginators take none but their own clients.
	const client = ((type: new (configuration: object) => object) =>
		Object.assign(new type({ region: PLACE.region }), sender)) as unknown as ClientOf;
	return { client, requests, objects };
}

async function handOver(run: HandlerRun, { source }: PlannedFunction, records: readonly object[]): Promise<unknown> {
	if (source.type === "dynamodb") return run.invoke({ Records: records });
	const wrapped = records.map((record, index) => ({
		eventSource: "aws:kinesis",
		kinesis: { data: Buffer.from(JSON.stringify(record)).toString("base64"), sequenceNumber: `4957${index}` },
	}));
	return run.invoke({ Records: wrapped });
}

function recordOf({ table }: Manifest, item: string, number: number, size: number): StreamRecord {
	const { partition, sort } = table.keys;
	const keys = Object.fromEntries([partition, ...(sort ? [sort] : [])].map((key) => [key.name, keyValue(key, item)]));
	const record = streamRecord({ item, number, newImage: { ...keys, filler: { S: "x".repeat(size) } } });
	return { ...record, dynamodb: { ...record.dynamodb, Keys: keys } };
}

function keyValue({ type }: KeyAttribute, item: string): AttributeValue {
	if (type === "N") return { N: String([...item].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7)) };
	return type === "S" ? { S: item } : { B: Buffer.from(item).toString("base64") };
}

function stubOf({ operations, pipeline }: Manifest, { dynamodb, ...record }: StreamRecord) {
	const { NewImage: _, ...change } = dynamodb;
	const key = `${claimCheckPrefix(pipeline)}${record.eventID}.json`;
	return { ...record, claimCheck: { bucket: operations.bucket, key }, dynamodb: change };
}
