import { createHash } from "node:crypto";
import type { Change } from "../contract/change.ts";
import type { Item, StreamRecord } from "../contract/dynamodb.ts";

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

/** A record on its way to a consumer. */
export function change(wish: RecordWish = {}): Change {
	const record = streamRecord(wish);
	const { Keys, SequenceNumber = "", ApproximateCreationDateTime = 0 } = record.dynamodb;
	const event = wish.expired ? "EXPIRE" : record.eventName;
	const keyHash = createHash("sha256").update(JSON.stringify(Keys)).digest("hex");
	const sequence = `2026-11-24T00:00:00.000/${SequenceNumber.padStart(40, "0")}`;
	return {
		eventID: record.eventID,
		event,
		time: ApproximateCreationDateTime,
		sequence,
		keyHash,
		record,
		itemJson: () => JSON.stringify({ ...Keys, ...record.dynamodb.NewImage, _event: event, _id: record.eventID }),
		eventJson: () =>
			JSON.stringify({
				specversion: "1.0",
				id: record.eventID,
				source: "/test/eu-west-1/orders",
				type: `tributary.item.${event.toLowerCase()}.v1`,
				sequence,
				keyhash: keyHash,
				data: { keys: Keys, new: record.dynamodb.NewImage ?? null, old: record.dynamodb.OldImage ?? null },
			}),
		recordJson: () => JSON.stringify(record),
	};
}

/** 21 digits, distinct for distinct items, rising with the number. */
function sequenceNumber(item: string, number: number): string {
	const place = Number.parseInt(createHash("md5").update(item).digest("hex").slice(0, 8), 16);
	return `${100_000_000_000n + BigInt(number)}${String(place).padStart(10, "0").slice(-9)}`.padEnd(21, "0");
}
