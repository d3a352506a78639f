import { createHash } from "node:crypto";
import type { Change } from "../contract/change.ts";
import type { Item, StreamRecord } from "../contract/dynamodb.ts";
import { makeChange } from "../runtime/change.ts";

export interface RecordWish {
	/** The item's key: records of one `item` are changes of one item. */
	item?: string;
	/** Rises with each change of the item. */
	number?: number;
	eventName?: StreamRecord["eventName"];
	/** Epoch seconds. */
	time?: number;
	newImage?: Item | null;
	oldImage?: Item | null;
	expired?: boolean;
}

export const STREAM_ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/test-orders/stream/2026-11-24T00:00:00.000";

/** 2026-11-24T09:30:00Z, in epoch seconds. */
export const RECORD_TIME = 1_795_512_600;

/** A stream record as Lambda receives it. */
export function streamRecord(wish: RecordWish = {}): StreamRecord {
	const { item = "a", number = 1, eventName = "INSERT", time = RECORD_TIME, expired = false } = wish;
	const keys = { orderId: { S: item } };
	const { newImage = eventName === "REMOVE" ? null : { ...keys, total: { N: "12345678901234567890.5" } } } = wish;
	const { oldImage = null } = wish;
	return {
		eventID: createHash("md5").update(`${item}/${number}`).digest("hex"),
		eventName,
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: "eu-west-1",
		dynamodb: {
			ApproximateCreationDateTime: time,
			Keys: keys,
			...(newImage && { NewImage: newImage }),
			...(oldImage && { OldImage: oldImage }),
			SequenceNumber: sequenceNumber(item, number),
			SizeBytes: 44,
			StreamViewType: "NEW_AND_OLD_IMAGES",
		},
		eventSourceARN: STREAM_ARN,
		...(expired && { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }),
	};
}

/** A Lambda event of a DynamoDB stream. */
export function streamEvent(wishes: readonly RecordWish[]): { Records: StreamRecord[] } {
	return { Records: wishes.map(streamRecord) };
}

/** The same records as the router's stream hands them to a consumer's function. */
export function throughKinesis(wishes: readonly RecordWish[]): { Records: object[] } {
	const Records = streamEvent(wishes).Records.map((record, index) => ({
		eventSource: "aws:kinesis",
		eventID: `shardId-000000000000:${index + 1}`,
		kinesis: {
			sequenceNumber: String(index + 1),
			partitionKey: record.eventID,
			data: Buffer.from(JSON.stringify(record)).toString("base64"),
			approximateArrivalTimestamp: record.dynamodb.ApproximateCreationDateTime,
		},
	}));
	return { Records };
}

/** A record on its way to a consumer of the pipeline `orders` in the environment `test`. */
export function change(wish: RecordWish = {}): Change {
	return makeChange(streamRecord(wish), {
		environment: "test",
		pipeline: "orders",
		region: "eu-west-1",
		keys: { partition: { name: "orderId", type: "S" }, sort: null },
	});
}

/** 21 digits, distinct for distinct items, rising with the number. */
function sequenceNumber(item: string, number: number): string {
	const place = Number.parseInt(createHash("md5").update(item).digest("hex").slice(0, 8), 16);
	return `${100_000_000_000n + BigInt(number)}${String(place).padStart(10, "0").slice(-9)}`.padEnd(21, "0");
}
