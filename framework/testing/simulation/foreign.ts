import { kinesisRecord } from "./kinesis-service.ts";
import { hash } from "./random.ts";
import type { Fault } from "./scenario.ts";
import type { World } from "./world.ts";

/** What others may have put into the fan-out's stream, told apart by a number. */
const CONTENTS: Record<Extract<Fault, { kind: "foreign" }>["what"], (number: number) => Buffer> = {
	text: (number) => Buffer.from(`hello ${number}`),
	bytes: (number) => Buffer.from([0xff, 0xfe, number % 256, number >> 8]),
	json: (number) => Buffer.from(`{"hello":{"world":[${number}]}}`),
	list: (number) => Buffer.from(`[${number},null]`),
	// First bytes of an aggregate of the Kinesis Producer Library.
	aggregate: (number) => Buffer.from([0xf3, 0x89, 0x9a, 0xc2, number % 256, number >> 8]),
};

/** Somebody else puts a record into the fan-out's stream, as nobody should. */
export function putForeign(world: World, what: keyof typeof CONTENTS, number: number): number {
	const { fanOut, scheduler, table, known } = world;
	const data = CONTENTS[what](number);
	const partitionKey = `stranger ${number}`;
	const { json } = fanOut.append(hash(partitionKey), scheduler.now(), (sequenceNumber, shardId) =>
		kinesisRecord(fanOut.arn, { PartitionKey: partitionKey, Data: data }, sequenceNumber, shardId, scheduler.now()),
	);
	const { id } = table.stranger(JSON.parse(json).eventID, scheduler.now());
	known.set(json, id);
	world.foreign.set(contentName(what === "json" || what === "list" ? JSON.parse(data.toString()) : base64(data)), id);
	return id;
}

const base64 = (data: Buffer) => ({ base64: data.toString("base64") });

/** By what a foreign record is known again in a dead letter. */
export const contentName = (record: unknown): string => JSON.stringify(record);
