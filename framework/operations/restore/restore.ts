import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Change } from "../../contract/change.ts";
import type { AttributeValue, Item } from "../../contract/dynamodb.ts";
import type { TimeRange } from "../../lake/range.ts";
import type { LakeRecord } from "../../lake/record.ts";
import type { ChangeOf } from "../../lake/select.ts";
import { createPace, type Pace } from "../pace.ts";
import type { Services } from "../place.ts";
import { type Backup, type BackupHour, readHour } from "./backup.ts";

export interface RestoreOptions {
	range: TimeRange;
	changeOf: ChangeOf;
	isSelected(record: LakeRecord): boolean;
	/** Physical name, partition key and TTL attribute of the table. */
	table: { name: string; partitionKey: string; ttl: string };
	/** Epoch seconds at which restored items expire. */
	expiresAt: number;
	/** Items a second; null = as fast as the table takes them. */
	rate: number | null;
	/** False: nothing is written. */
	writes: boolean;
	signal: AbortSignal;
	/** Where another run of it was stopped. */
	from: RestorePlace | null;
	onItem(change: Change, outcome: "restored" | "there"): void;
	/** After each record; `records`: how many are behind. */
	onRecord(records: number, place: RestorePlace): void;
}

/** How far a restore came. */
export interface RestorePlace {
	/** Its prefix; all later ones are done. */
	hour: string;
	/** Records of the later hours. */
	before: number;
	/** Hashes of the keys whose last state was met, chosen or not: what lies before it of such an item is not what it last was. */
	seen: ReadonlySet<string>;
	result: RestoreResult;
}

export interface RestoreResult {
	/** Without writing: items that would be put, if the table does not hold them. */
	restored: number;
	/** The table holds an item of that key: it is newer, and stays. */
	there: number;
	/** Deletes without an old image: what was there is not known. */
	unknown: number;
}

/** What is ahead of a restore: hours that came behind it since it was stopped are not read. */
export const hoursAhead = (hours: readonly BackupHour[], from: RestorePlace | null): readonly BackupHour[] =>
	from === null ? hours : hours.filter(({ prefix }) => prefix <= from.hour);

/**
 * Puts items that TTL deleted back, as each was last, with a fresh TTL. An item that the table holds is never overwritten. `hours`: the last
 * first. Memory holds one, and the hashes of the items met.
 */
export async function restore(
	backup: Backup,
	hours: readonly BackupHour[],
	services: Services,
	options: RestoreOptions,
): Promise<RestoreResult> {
	const { range, from, signal } = options;
	const pace = createPace(options.rate, services);
	const result: RestoreResult = { restored: 0, there: 0, unknown: 0, ...from?.result };
	let before = from?.before ?? 0;
	const seen = new Set(from?.seen);
	for (const { prefix: hour } of hoursAhead(hours, from)) {
		if (signal.aborted) return result;
		const records = await readHour(backup, services, hour);
		for (const [index, record] of records.entries()) {
			if (signal.aborted) return result;
			if (record.time >= range.from && record.time < range.to)
				await restoreOne(record, { seen, result, pace, services, options });
			options.onRecord(before + index + 1, { hour, before, seen, result });
		}
		before += records.length;
	}
	return result;
}

interface Hour {
	seen: Set<string>;
	result: RestoreResult;
	pace: Pace;
	services: Services;
	options: RestoreOptions;
}

async function restoreOne(record: LakeRecord, { seen, result, pace, services, options }: Hour): Promise<void> {
	const { table, expiresAt } = options;
	const change = options.changeOf(record);
	if (change?.event !== "EXPIRE" || seen.has(change.keyHash)) return;
	seen.add(change.keyHash);
	if (!options.isSelected(record)) return;
	const { OldImage } = change.record.dynamodb;
	if (!OldImage) {
		result.unknown += 1;
		return;
	}
	await pace.wait(1);
	const item = { ...OldImage, [table.ttl]: { N: String(expiresAt) } };
	const outcome = !options.writes || (await putIfAbsent(table, item, services)) ? "restored" : "there";
	result[outcome] += 1;
	options.onItem(change, outcome);
}

async function putIfAbsent(
	{ name, partitionKey }: RestoreOptions["table"],
	item: Item,
	{ dynamodb }: Services,
): Promise<boolean> {
	try {
		await dynamodb.send(
			new PutItemCommand({
				TableName: name,
				Item: Object.fromEntries(Object.entries(item).map(([attribute, value]) => [attribute, toSdk(value)])),
				ConditionExpression: "attribute_not_exists(#key)",
				ExpressionAttributeNames: { "#key": partitionKey },
			}),
		);
		return true;
	} catch (error) {
		if (error instanceof ConditionalCheckFailedException) return false;
		throw error;
	}
}

type SdkValue = import("@aws-sdk/client-dynamodb").AttributeValue;

/** A stream's JSON has binary as base64; the SDK takes bytes. */
function toSdk(value: AttributeValue): SdkValue {
	if ("B" in value) return { B: Buffer.from(value.B, "base64") };
	if ("BS" in value) return { BS: value.BS.map((each) => Buffer.from(each, "base64")) };
	if ("L" in value) return { L: value.L.map(toSdk) };
	if ("M" in value)
		return { M: Object.fromEntries(Object.entries(value.M).map(([name, each]) => [name, toSdk(each)])) };
	return value as SdkValue;
}
