import { randomUUID } from "node:crypto";
import type { Item, StreamRecord, ViewType } from "../../contract/dynamodb.ts";
import { equalValues } from "../../runtime/equal-values.ts";
import { itemSize } from "./item-size.ts";

/** A service that deleted an item, as records name it. */
export interface UserIdentity {
	type: string;
	principalId: string;
}

/** One change of one item, as the holder of the item's lock saw it. */
export interface Change {
	table: string;
	/** The item's key in the database. */
	key: string;
	before: Item | undefined;
	after: Item | undefined;
	by?: UserIdentity;
}

export interface RecordPlace {
	streamArn: string;
	region: string;
	keyNames: readonly string[];
	viewType: ViewType;
	sequence: string;
	/** Epoch milliseconds. */
	arrivedAt: number;
}

const NEW_IMAGES: ReadonlySet<ViewType> = new Set(["NEW_IMAGE", "NEW_AND_OLD_IMAGES"]);
const OLD_IMAGES: ReadonlySet<ViewType> = new Set(["OLD_IMAGE", "NEW_AND_OLD_IMAGES"]);

/** Whether a stream holds a record of it: a write that changes nothing, and a delete of nothing, leave none (DynamoDB developer guide, "Change data capture for DynamoDB Streams"). */
export function changesItem({ before, after }: Change): boolean {
	if (!before || !after) return before !== after;
	return !equalValues({ M: before }, { M: after });
}

/** The record as Lambda hands it on. */
export function streamRecord({ before, after, by }: Change, place: RecordPlace): StreamRecord {
	const item = after ?? before ?? {};
	const Keys: Item = {};
	for (const name of place.keyNames) {
		const value = item[name];
		if (value) Keys[name] = value;
	}
	const images = {
		...(after && NEW_IMAGES.has(place.viewType) && { NewImage: after }),
		...(before && OLD_IMAGES.has(place.viewType) && { OldImage: before }),
	};
	return {
		eventID: randomUUID().replaceAll("-", ""),
		eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: place.region,
		...(by && { userIdentity: by }),
		dynamodb: {
			// Rounded down to the second, as DynamoDB does.
			ApproximateCreationDateTime: Math.floor(place.arrivedAt / 1000),
			Keys,
			...images,
			SequenceNumber: place.sequence,
			SizeBytes: [Keys, ...Object.values(images)].reduce((bytes, each) => bytes + itemSize(each), 0),
			StreamViewType: place.viewType,
		},
		eventSourceARN: place.streamArn,
	};
}
