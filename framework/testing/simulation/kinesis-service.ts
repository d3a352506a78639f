import type { PutRecordsCommandInput } from "@aws-sdk/client-kinesis";
import { type Call, named } from "./network.ts";
import { type Chance, hash } from "./random.ts";
import type { World } from "./world.ts";

type Entry = NonNullable<PutRecordsCommandInput["Records"]>[number];

/** PutRecords as its API reference has it: partial success, replies by position, no order within a call. */
export function kinesisCall(world: World, { Records = [] }: PutRecordsCommandInput): Call {
	const truths = Records.map(({ Data }) => world.truthOf(textOf(Data)));
	return {
		target: "kinesis",
		what: `PutRecords ${truths.map((id) => `r${id}`).join(" ")}`,
		truths: truths.filter((id) => id !== null),
		refuse(how) {
			if (how === "throttled") throw named("ProvisionedThroughputExceededException", "Rate exceeded.");
			throw named("ServiceUnavailableException", "The service is not available.");
		},
		apply(_invocation, partial) {
			check(Records, world.scenario.maxRecordBytes);
			const entries: object[] = new Array(Records.length);
			for (const index of shuffled(Records.length, world.chance))
				entries[index] = partial?.happens(0.5)
					? { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "Rate exceeded." }
					: take(world, Records[index] as Entry, truths[index] ?? null);
			return { FailedRecordCount: entries.filter((entry) => "ErrorCode" in entry).length, Records: entries };
		},
	};
}

const textOf = (data: Uint8Array | undefined): string => Buffer.from(data ?? []).toString("utf8");

function check(records: readonly Entry[], most: number): void {
	const invalid = (text: string): never => {
		throw named("ValidationException", text);
	};
	if (records.length < 1 || records.length > 500) invalid("1 to 500 records");
	for (const { PartitionKey = "", Data } of records) {
		if (PartitionKey.length < 1 || PartitionKey.length > 256) invalid("a partition key has 1 to 256 characters");
		if ((Data?.length ?? 0) + Buffer.byteLength(PartitionKey) > most) invalid("a record is larger than its limit");
	}
}

function take(
	{ fanOut, scheduler, facts, known }: World,
	{ PartitionKey = "", Data }: Entry,
	truth: number | null,
): object {
	const now = scheduler.now();
	const { sequenceNumber, json } = fanOut.append(hash(PartitionKey), now, (number, shardId) =>
		kinesisRecord(fanOut.arn, { PartitionKey, Data }, number, shardId, now),
	);
	if (truth !== null) {
		known.set(json, truth);
		facts.copies.set(truth, (facts.copies.get(truth) ?? 0) + 1);
	}
	return { SequenceNumber: sequenceNumber, ShardId: "shardId-000000000000" };
}

/** A member of `Records`, as JSON text. */
export function kinesisRecord(
	arn: string,
	{ PartitionKey, Data }: Entry,
	sequenceNumber: string,
	shardId: string,
	now: number,
): string {
	return JSON.stringify({
		kinesis: {
			kinesisSchemaVersion: "1.0",
			partitionKey: PartitionKey,
			sequenceNumber,
			data: Buffer.from(Data ?? []).toString("base64"),
			approximateArrivalTimestamp: now / 1000,
		},
		eventSource: "aws:kinesis",
		eventVersion: "1.0",
		eventID: `${shardId}:${sequenceNumber}`,
		eventName: "aws:kinesis:record",
		awsRegion: "eu-west-1",
		eventSourceARN: arn,
	});
}

function shuffled(length: number, chance: Chance): number[] {
	const order = Array.from({ length }, (_, index) => index);
	for (let index = length - 1; index > 0; index--) {
		const other = chance.integer(0, index);
		[order[index], order[other]] = [order[other] as number, order[index] as number];
	}
	return order;
}
