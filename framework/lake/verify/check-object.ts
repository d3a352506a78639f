import { createHash } from "node:crypto";
import { isObject, textOrNull } from "../../runtime/sources/source.ts";
import type { LakeObject } from "../list.ts";
import { partitionOf } from "../range.ts";
import type { LakeRecord } from "../record.ts";
import type { Finding } from "./finding.ts";

/** Holds an object to its name and its place. `records` in the order of its lines. */
export function checkObject(partition: string, object: LakeObject, records: readonly LakeRecord[]): Finding[] {
	return [...checkName(object, records), ...checkLines(partition, object, records)];
}

function checkName({ key, count, first, hash }: LakeObject, records: readonly LakeRecord[]): Finding[] {
	const wrong = (detail: string): Finding => ({ code: "name", key, line: null, detail });
	const numbered = records.map(({ sequence }) => sequence).filter((sequence) => /[1-9]/.test(sequence));
	const least = numbered.reduce((one, other) => (other < one ? other : one), numbered[0] ?? first);
	return [
		...(records.length === count ? [] : [wrong(`It holds ${records.length} records; its name says ${count}.`)]),
		...(least === first ? [] : [wrong(`Its lowest sequence number is ${least}; its name says ${first}.`)]),
		...(isHashed(records, hash) ? [] : [wrong("Its eventIDs are not those that its name was made of.")]),
	];
}

/** A record without an eventID of its own was named by its source, which the lake does not know: then nothing can be said. */
function isHashed(records: readonly LakeRecord[], expected: string): boolean {
	if (records.some(({ json }) => !isObject(json) || textOrNull(json.eventID) === null)) return true;
	const hash = createHash("sha256").update(records.map(({ eventID }) => eventID).join("\n"));
	return hash.digest("hex").startsWith(expected);
}

function checkLines(partition: string, { key }: LakeObject, records: readonly LakeRecord[]): Finding[] {
	const seen = new Map<string, number>();
	return records.flatMap(({ eventID, time, lineNumber: line }) => {
		const found: Finding[] = [];
		const own = partitionOf(time);
		// A record of another source has its time from there, not from itself.
		if (time > 0 && own !== partition)
			found.push({ code: "partition", key, line, detail: `The record ${eventID} is of ${own}.` });
		const before = seen.get(eventID);
		if (before !== undefined)
			found.push({ code: "repeat", key, line, detail: `The record ${eventID} stands on line ${before} already.` });
		else seen.set(eventID, line);
		return found;
	});
}
