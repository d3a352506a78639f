import { createHash } from "node:crypto";
import type { ItemEvent } from "../../contract/condition.ts";
import type { Item } from "../../contract/dynamodb.ts";
import { hash } from "./random.ts";
import type { Scenario, Shape, Write } from "./scenario.ts";
import type { StreamModel } from "./stream-model.ts";

/** The part of an item that conditions look at. */
export interface Image {
	status: string | null;
	total: string | null;
}

/** A change as it truly was, whatever became of its record. */
export interface Truth {
	/** From 0, in the order of writing: of one item's the order of its changes. */
	id: number;
	item: number;
	eventID: string;
	event: ItemEvent;
	new: Image | null;
	old: Image | null;
	shape: Shape;
	/** Epoch milliseconds at which the stream took it. */
	arrivedAt: number;
	/** Epoch seconds that the record says. */
	time: number;
	shardId: string;
	sequenceNumber: string;
}

export interface TableModel {
	readonly truths: readonly Truth[];
	/** Does it and puts the record on the stream; null when nothing changed. */
	write(write: Write, now: number, time: number): Truth | null;
	/** Counts a record among the others that never was a change of the table. */
	stranger(eventID: string, now: number): Truth;
}

/** Records say their number in `SizeBytes`, so that the model knows one again that has lost everything else. */
const FIRST_SIZE = 1000;

/** Which record a text of JSON is or stands for; null for none. */
export function truthIDOf(record: unknown): number | null {
	const size = (record as { dynamodb?: { SizeBytes?: number } } | null)?.dynamodb?.SizeBytes;
	return typeof size === "number" && size >= FIRST_SIZE ? size - FIRST_SIZE : null;
}

/** It can never be delivered. One without a sequence number can, only nobody can name it. */
export const malformed = ({ shape }: Truth): boolean => ["no-id", "no-keys", "bad-image", "foreign"].includes(shape);

/** A table whose items change one after another, and whose stream tells of it. */
export function createTableModel(scenario: Scenario, stream: StreamModel, known: Map<string, number>): TableModel {
	const items = new Map<number, { image: Image; content: Item }>();
	const truths: Truth[] = [];
	return {
		truths,
		stranger(eventID, now) {
			const id = truths.length;
			const nothing = { event: "INSERT", new: null, old: null, shardId: "", sequenceNumber: "" } as const;
			// An item of its own: nothing stands behind it.
			const truth: Truth = {
				id,
				item: -1 - id,
				eventID,
				shape: "foreign",
				arrivedAt: now,
				time: now / 1000,
				...nothing,
			};
			truths.push(truth);
			return truth;
		},
		write(write, now, time) {
			const before = items.get(write.item);
			if (!before && write.op !== "put") return null;
			const keys = keysOf(write.item, scenario.sortKey);
			const after = write.op === "put" ? contentOf(write, keys, truths.length, scenario.maxRecordBytes) : null;
			if (after) items.set(write.item, after);
			else items.delete(write.item);
			const id = truths.length;
			const truth: Truth = {
				id,
				item: write.item,
				eventID: createHash("md5").update(`${scenario.seed}/${id}`).digest("hex"),
				event: after === null ? (write.op === "expire" ? "EXPIRE" : "REMOVE") : before ? "MODIFY" : "INSERT",
				new: after?.image ?? null,
				old: before?.image ?? null,
				shape: write.shape,
				arrivedAt: now,
				time,
				shardId: "",
				sequenceNumber: "",
			};
			truths.push(truth);
			const place = hash(JSON.stringify(keys));
			const images = { ...(after && { NewImage: after.content }), ...(before && { OldImage: before.content }) };
			const event = stream.append(place, now, (sequenceNumber, shardId) => {
				Object.assign(truth, { sequenceNumber, shardId });
				return JSON.stringify(spoil(write.shape, recordOf(truth, keys, images, stream.arn)));
			});
			known.set(event.json, id);
			return truth;
		},
	};
}

/** Some keys are longer than a Kinesis partition key may be (256 characters). */
function keysOf(item: number, sortKey: boolean): Item {
	const id = `item-${item}${item % 4 === 3 ? "-".padEnd(300, "x") : ""}`;
	return { id: { S: id }, ...(sortKey && { line: { N: String(item % 3) } }) };
}

function contentOf({ status, total, shape }: Write, keys: Item, id: number, maxRecordBytes: number) {
	const content: Item = {
		...keys,
		version: { N: String(id) },
		...(status !== null && { status: { S: status } }),
		...(total !== null && { total: { N: total } }),
		...(shape === "exotic" && EXOTIC),
		...(shape === "large" && { note: { S: "n".repeat(maxRecordBytes) } }),
	};
	return { image: { status, total }, content };
}

/** Legal, and what breaks code that passes values through JavaScript's own. */
const EXOTIC: Item = {
	exact: { N: "12345678901234567890123456789012345678" },
	tiny: { N: "-1E-130" },
	tags: { SS: ["b", "a"] },
	numbers: { NS: ["9007199254740993", "1.10"] },
	blobs: { BS: ["AAE=", "/w=="] },
	empty: { S: "" },
	nothing: { NULL: true },
	["__proto__"]: { M: { admin: { BOOL: true } } },
	toJSON: { S: "x" },
	deep: { L: [{ L: [{ M: { a: { L: [] } } }] }] },
	lone: { S: "\ud800" },
};

function recordOf(truth: Truth, keys: Item, images: object, arn: string) {
	const { event, eventID, time, sequenceNumber, id } = truth;
	return {
		eventID,
		eventName: event === "EXPIRE" ? "REMOVE" : event,
		eventVersion: "1.1",
		eventSource: "aws:dynamodb",
		awsRegion: "eu-west-1",
		dynamodb: {
			ApproximateCreationDateTime: time,
			Keys: keys,
			...images,
			SequenceNumber: sequenceNumber,
			SizeBytes: FIRST_SIZE + id,
			StreamViewType: "NEW_AND_OLD_IMAGES",
		},
		eventSourceARN: arn,
		...(event === "EXPIRE" && { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }),
	};
}

/** What no stream should hold and some day does. */
function spoil(shape: Shape, record: ReturnType<typeof recordOf>): object {
	const { eventID: _, ...nameless } = record;
	const { Keys: _keys, ...keyless } = record.dynamodb;
	const { SequenceNumber: _number, ...unnumbered } = record.dynamodb;
	if (shape === "no-id") return nameless;
	if (shape === "no-keys") return { ...record, dynamodb: keyless };
	if (shape === "no-sequence") return { ...record, dynamodb: unnumbered };
	if (shape === "bad-image") return { ...record, dynamodb: { ...record.dynamodb, NewImage: { status: { S: 5 } } } };
	return record;
}
