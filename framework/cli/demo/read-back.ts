import { createHmac, timingSafeEqual } from "node:crypto";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { ItemEvent } from "../../contract/condition.ts";
import type { StreamRecord } from "../../contract/dynamodb.ts";
import { objectText } from "../../local/object-text.ts";
import type { Arrival } from "./check.ts";
import { itemName } from "./stories.ts";

/** An object as read over the wire. */
export interface StoredObject {
	key: string;
	/** Epoch milliseconds. */
	storedAt: number;
	lines: string[];
}

/** Reads every object below a prefix, in the order in which they were stored. */
export async function readObjects(client: S3Client, bucket: string, prefix: string): Promise<StoredObject[]> {
	const objects: StoredObject[] = [];
	let token: string | undefined;
	do {
		const page = await client.send(
			new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
		);
		for (const { Key: key, LastModified } of page.Contents ?? [])
			if (key)
				objects.push({ key, storedAt: LastModified?.getTime() ?? 0, lines: await readLines(client, bucket, key) });
		token = page.NextContinuationToken;
	} while (token);
	return objects.sort((a, b) => a.storedAt - b.storedAt || (a.key < b.key ? -1 : 1));
}

async function readLines(client: S3Client, bucket: string, key: string): Promise<string[]> {
	const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
	const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
	const text = objectText(key, bytes);
	return text.split("\n").filter((line) => line !== "");
}

/** What the lake holds, one row per eventID as every reader of it keeps, each item's in the order of its sequence numbers. */
export function arrivalsInLake(objects: readonly StoredObject[]): { arrivals: Arrival[]; records: StreamRecord[] } {
	const byId = new Map<string, StreamRecord>();
	for (const line of objects.flatMap(({ lines }) => lines)) {
		const record = JSON.parse(line) as StreamRecord;
		byId.set(record.eventID, record);
	}
	const sequence = (record: StreamRecord) => (record.dynamodb.SequenceNumber ?? "").padStart(40, "0");
	const records = [...byId.values()].sort((a, b) => (sequence(a) < sequence(b) ? -1 : 1));
	return { records, arrivals: records.map(arrivalOfRecord) };
}

function arrivalOfRecord({ eventName, userIdentity, dynamodb }: StreamRecord): Arrival {
	const text = (attribute: string) => Object.values(dynamodb.Keys[attribute] ?? {})[0] as string;
	const version = dynamodb.NewImage?.version;
	return {
		item: itemName({ uuid: text("uuid"), user: text("user") }),
		event: eventName === "REMOVE" && userIdentity ? "EXPIRE" : eventName,
		version: version && "N" in version ? Number(version.N) : null,
	};
}

/** Rows of a flat export, in the order of the objects and of their lines. */
export function arrivalsInExport(objects: readonly StoredObject[]): Arrival[] {
	return objects
		.flatMap(({ lines }) => lines)
		.map((line) => JSON.parse(line) as { uuid: string; user: string; version?: number; _event: ItemEvent })
		.map((row) => ({ item: itemName(row), event: row._event, version: row.version ?? null }));
}

/** A request as the built-in receiver kept it. */
export interface ReceivedRequest {
	/** Epoch milliseconds. */
	receivedAt: number;
	headers: Record<string, string>;
	body: string;
}

interface CloudEvent {
	type: string;
	data: { keys: { uuid: string; user: string }; new: { version?: number } | null };
}

/** Deliveries to a webhook, in the order received. */
export function arrivalsAtReceiver(requests: readonly ReceivedRequest[]): Arrival[] {
	return requests.map(({ body }) => {
		const { type, data } = JSON.parse(body) as CloudEvent;
		const event = type.split(".")[2]?.toUpperCase() as ItemEvent;
		return { item: itemName(data.keys), event, version: data.new?.version ?? null };
	});
}

/** Requests without a valid Standard Webhooks signature; null as secret means that none was asked for. */
export function badSignatures(requests: readonly ReceivedRequest[], secret: string | null): string[] {
	if (secret === null) return [];
	const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
	return requests
		.filter(({ headers, body }) => {
			const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature = "" } = headers;
			const expected = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64")}`);
			return !signature.split(" ").some((one) => {
				const given = Buffer.from(one);
				return given.length === expected.length && timingSafeEqual(given, expected);
			});
		})
		.map(({ headers }) => headers["webhook-id"] ?? "a request without webhook-id");
}
