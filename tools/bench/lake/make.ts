import { createHash } from "node:crypto";
import type { Item, StreamRecord } from "../../../framework/contract/dynamodb.ts";
import type { LakePlace } from "../../../framework/lake/place.ts";
import { storeInLake } from "../../../framework/testing/lake-on-s3.ts";

/** Records of an object: what one invocation of the lake function brings. */
const BATCH = 1000;
/** Items whose changes the events are, in turns; each changes twice, with so many others in between. */
const ITEMS = 10_000;
const BETWEEN = 125;
/** Events of a second: a hundred objects an hour. */
const PER_SECOND = 28;
/** Every so many batches, one is stored once more from its middle, as a retry would. */
const RETRIED = 20;
const AT_ONCE = 4;

const STREAM_ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/bench-orders/stream/2026-11-24T00:00:00.000";
/** 2026-11-24T00:00:00Z, in epoch seconds. */
const START = 1_795_478_400;

/** Fills a lake with so many events, by the code of the lake function. */
export async function makeLake(place: LakePlace, events: number): Promise<void> {
	const starts = Array.from({ length: Math.ceil(events / BATCH) }, (_, index) => index * BATCH).values();
	const work = async (): Promise<void> => {
		for (const start of starts) {
			const size = Math.min(BATCH, events - start);
			const records = Array.from({ length: size }, (_, index) => eventOf(start + index));
			await storeInLake(place, records);
			if ((start / BATCH) % RETRIED === 0) await storeInLake(place, records.slice(size >> 1));
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** The change number `index` of the table: both images, whose chain holds. */
function eventOf(index: number): StreamRecord {
	const turn = index % (2 * ITEMS);
	const block = Math.floor(turn / BETWEEN);
	const item = (block >> 1) * BETWEEN + (turn % BETWEEN);
	const change = 2 * Math.floor(index / (2 * ITEMS)) + (block % 2);
	const Keys = { orderId: { S: `order-${String(item).padStart(8, "0")}` } };
	return {
		eventID: createHash("md5").update(String(index)).digest("hex"),
		eventName: change === 0 ? "INSERT" : "MODIFY",
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: "eu-west-1",
		dynamodb: {
			ApproximateCreationDateTime: START + Math.floor(index / PER_SECOND),
			Keys,
			NewImage: imageOf(Keys, item, change),
			...(change > 0 && { OldImage: imageOf(Keys, item, change - 1) }),
			SequenceNumber: `1000000000${String(index).padStart(11, "0")}`,
			SizeBytes: 350,
			StreamViewType: "NEW_AND_OLD_IMAGES",
		},
		eventSourceARN: STREAM_ARN,
	};
}

function imageOf(keys: Item, item: number, change: number): Item {
	return {
		...keys,
		status: { S: ["NEW", "PAID", "PACKED", "SENT"][change % 4] ?? "" },
		total: { N: `${100 + (item % 900)}.${10 + (change % 90)}` },
		customer: { M: { id: { S: `customer-${item % 977}` }, country: { S: "DE" }, vip: { BOOL: item % 5 === 0 } } },
		lines: {
			L: [{ M: { sku: { S: `SKU-${item % 4801}` }, price: { N: "19.99" }, count: { N: String(1 + (change % 3)) } } }],
		},
		tags: { SS: ["autumn", "gift"] },
	};
}
