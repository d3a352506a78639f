import { jsonText } from "../../runtime/json-writer.ts";
import { isKeys } from "../../runtime/sources/shape.ts";
import { isObject } from "../../runtime/sources/source.ts";
import { writeItem } from "../../runtime/values.ts";
import type { LakeRecord } from "../record.ts";
import type { ChangeOf } from "../select.ts";

/**
 * Columns of the view `events`, the same here and in Athena, with their types here. Numbers in `keys`, `new` and `old` are JSON
 * strings: engines read JSON numbers as floats.
 */
export const EVENT_COLUMNS = {
	/** INSERT, MODIFY, REMOVE or EXPIRE. */
	event: "VARCHAR",
	/** Of the change, UTC. */
	time: "TIMESTAMP",
	/** eventID */
	id: "VARCHAR",
	/** `<stream label>/<number padded to 40 digits>`: in the order of an item's changes as text. */
	sequence: "VARCHAR",
	/** Values of the partition and the sort key as text. */
	pk: "VARCHAR",
	sk: "VARCHAR",
	keys: "JSON",
	/** Images as plain JSON; null where the record has none. */
	new: "JSON",
	old: "JSON",
	/** The record as DynamoDB wrote it. */
	line: "VARCHAR",
} as const;

/** A record as a row of `events`, one line of JSON; null for what is no stream record. */
export function writeRow(
	record: LakeRecord,
	changeOf: ChangeOf,
	keyNames: readonly [string, string | null],
): string | null {
	const change = changeOf(record);
	if (change === null) return null;
	const { Keys, NewImage, OldImage } = change.record.dynamodb;
	const own = JSON.stringify({
		event: change.event,
		time: new Date(change.time * 1000).toISOString().replace("T", " ").replace("Z", ""),
		id: change.eventID,
		sequence: change.sequence,
		pk: keyText(Keys, keyNames[0]),
		sk: keyText(Keys, keyNames[1]),
		line: record.line,
	});
	return jsonText((out) => {
		out.raw(`${own.slice(0, -1)},"keys":`);
		writeItem(out, Keys, "string");
		out.raw(',"new":');
		writeItem(out, NewImage, "string");
		out.raw(',"old":');
		writeItem(out, OldImage, "string");
		out.raw("}");
	});
}

function keyText(keys: unknown, name: string | null): string | null {
	if (name === null || !isKeys(keys)) return null;
	const value = keys[name];
	const text = isObject(value) ? Object.values(value)[0] : undefined;
	return typeof text === "string" ? text : null;
}
