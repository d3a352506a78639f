/**
 * The event that every runtime benchmark works on: 2,000 records of NEW_AND_OLD_IMAGES, about 2.5 KB each and 5 MB in all. Lambda's
 * 6 MB of a request hold about 2,400 of them, so this is as large as one invocation gets. Images nest M, L, SS, B, NULL and BOOL.
 */
import { createHash } from "node:crypto";
import type { Item, StreamRecord } from "../../framework/contract/dynamodb.ts";

export const RECORDS = 2000;

const STREAM_ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/prod-orders/stream/2026-11-24T00:00:00.000";

/** Epoch seconds of the first record. */
export const BENCH_TIME = 1_795_512_600;

/** The text of a Lambda event, the same for the same arguments. Three of ten records have the status PAID. */
export function eventText(records = RECORDS, recordOf: (index: number) => object = streamRecord): string {
	return JSON.stringify({ Records: Array.from({ length: records }, (_, index) => recordOf(index)) });
}

export function streamRecord(index: number): StreamRecord {
	const id = createHash("sha256").update(String(index)).digest("hex");
	const Keys = { orderId: { S: `order-${id.slice(0, 24)}` }, line: { N: String(index % 7) } };
	return {
		eventID: id.slice(0, 32),
		eventName: "MODIFY",
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: "eu-west-1",
		dynamodb: {
			ApproximateCreationDateTime: BENCH_TIME + Math.floor(index / 100),
			Keys,
			NewImage: image(Keys, id, index, index % 10 < 3 ? "PAID" : "OPEN"),
			OldImage: image(Keys, id, index, "NEW"),
			SequenceNumber: `1000000000000${String(index * 1_000_000 + 63_771).padStart(12, "0")}`,
			SizeBytes: 1_694,
			StreamViewType: "NEW_AND_OLD_IMAGES",
		},
		eventSourceARN: STREAM_ARN,
	};
}

/** A record of about 0.6 KB: as many as a batch may have go into one event. */
export function smallRecord(index: number): StreamRecord {
	const { dynamodb, ...record } = streamRecord(index);
	const { OldImage: _, ...change } = dynamodb;
	return { ...record, dynamodb: { ...change, NewImage: { ...change.Keys, status: { S: "PAID" } } } };
}

function image(keys: Item, id: string, index: number, status: string): Item {
	return {
		...keys,
		status: { S: status },
		total: { N: `${100 + (index % 900)}.${10 + (index % 90)}` },
		quantity: { N: String(1 + (index % 9)) },
		createdAt: { S: "2026-11-24T09:30:00.000Z" },
		customer: {
			M: {
				id: { S: `customer-${id.slice(24, 40)}` },
				name: { S: "Ana-María Núñez" },
				email: { S: `${id.slice(0, 12)}@mail.example.com` },
				vip: { BOOL: index % 5 === 0 },
				country: { S: ["DE", "AT", "CH", "ES"][index % 4] as string },
				address: { M: { street: { S: "Hauptstraße 12" }, postcode: { S: "10115" }, city: { S: "Berlin" } } },
			},
		},
		lines: {
			L: [
				{ M: { sku: { S: `SKU-${id.slice(40, 48)}` }, price: { N: "19.99" }, count: { N: "2" } } },
				{ M: { sku: { S: `SKU-${id.slice(48, 56)}` }, price: { N: "7.5" }, count: { N: "1" } } },
			],
		},
		tags: { SS: ["autumn", "gift", "newsletter"] },
		token: { B: Buffer.from(id.slice(0, 48)).toString("base64") },
		note: {
			S: 'Please ring twice; leave it with the neighbour ("Nr. 14") if nobody answers, and send a message to the customer, who is at home after six.',
		},
		channel: { S: "web" },
		coupon: { NULL: true },
		paid: { BOOL: status === "PAID" },
		expiresAt: { N: String(BENCH_TIME + 86_400) },
	};
}
