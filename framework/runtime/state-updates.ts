import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Row, Update } from "./dynamodb-table.ts";
import type { KeyState, Progress, Quarantine } from "./state.ts";

/* What is written to the state table, each with the condition on which it holds. */

/** Room between the end of a row's use and the marker's, for clocks that differ. */
const MARKER_SLACK_SECONDS = 3600;

/** Stands for quarantines, until a redrive sees that there are none. */
export const LASTING: Update = {
	UpdateExpression: "SET lasting = :true REMOVE expiresAt ADD generation :one",
	ExpressionAttributeValues: { ":true": { BOOL: true }, ":one": { N: "1" } },
};

/** Behind the last quarantine. One that was not seen yet gives the marker another generation before its first letter is written: then it stays. */
export function unmarked(generation: AttributeValue): Update {
	return {
		UpdateExpression: "REMOVE lasting",
		ConditionExpression: "generation = :generation",
		ExpressionAttributeValues: { ":generation": generation },
	};
}

/** Stands for rows that end by themselves, at `end` in epoch seconds; it only ever lasts longer. */
export function markedFor(end: number): Update {
	return {
		UpdateExpression: "SET setUntil = :until",
		ConditionExpression: "attribute_not_exists(setUntil) OR setUntil < :until",
		ExpressionAttributeValues: { ":until": { N: String(end + MARKER_SLACK_SECONDS) } },
	};
}

export function quarantineUpdate(quarantine: Quarantine, expiresAt: number | null): Update {
	const kept = "quarantine = if_not_exists(quarantine, :quarantine)";
	const values: Row = { ":quarantine": { S: JSON.stringify(quarantine) } };
	if (expiresAt === null)
		return { UpdateExpression: `SET ${kept} REMOVE expiresAt`, ExpressionAttributeValues: values };
	return {
		UpdateExpression: `SET ${kept}, expiresAt = :expiresAt`,
		ExpressionAttributeValues: { ...values, ":expiresAt": { N: String(expiresAt) } },
	};
}

/** Refused where the quarantine is gone, or where a later record was noted. */
export function parkingUpdate(sequence: string): Update {
	return {
		UpdateExpression: "SET parkedThrough = :sequence",
		ConditionExpression:
			"attribute_exists(quarantine) AND (attribute_not_exists(parkedThrough) OR parkedThrough < :sequence)",
		ExpressionAttributeValues: { ":sequence": { S: sequence } },
	};
}

/** Refused where a record was noted since it was read. */
export function liftUpdate({ quarantine, parkedThrough }: KeyState, expiresAt: number): Update {
	const unnoted =
		parkedThrough === undefined ? "attribute_not_exists(parkedThrough)" : "parkedThrough = :parkedThrough";
	return {
		UpdateExpression: "SET expiresAt = :expiresAt REMOVE quarantine, parkedThrough",
		ConditionExpression: `quarantine = :quarantine AND ${unnoted}`,
		ExpressionAttributeValues: {
			":quarantine": { S: JSON.stringify(quarantine) },
			":expiresAt": { N: String(expiresAt) },
			...(parkedThrough !== undefined && { ":parkedThrough": { S: parkedThrough } }),
		},
	};
}

/**
 * Refused where a quarantine stands that this invocation does not know of, where a later record is already done, and where
 * another invocation has written a failure since this one read: two at once must not set each other's budget back.
 */
export function progressUpdate(progress: Progress, expiresAt: number, now: number): Update {
	const { failure, deliveredThrough, before, quarantined } = progress;
	const sets: [string, AttributeValue][] = [];
	const conditions: string[] = [];
	const compared: [string, AttributeValue][] = [];
	if (failure) {
		sets.push(["failure", { S: JSON.stringify(failure) }]);
		// A row that has expired is not read, and may still be there.
		compared.push([":now", { N: String(Math.floor(now / 1000)) }]);
		if (before.failure) compared.push([":before", { S: JSON.stringify(before.failure) }]);
		const unchanged = before.failure ? "failure = :before" : "attribute_not_exists(failure)";
		conditions.push(`(${unchanged} OR expiresAt <= :now)`);
	}
	if (deliveredThrough) {
		sets.push(["deliveredThrough", { S: deliveredThrough }]);
		conditions.push("(attribute_not_exists(deliveredThrough) OR deliveredThrough <= :deliveredThrough)");
	}
	if (!quarantined) {
		sets.push(["expiresAt", { N: String(expiresAt) }]);
		conditions.push("attribute_not_exists(quarantine)");
	}
	return {
		UpdateExpression: `SET ${sets.map(([name]) => `${name} = :${name}`).join(", ")}`,
		...(conditions.length > 0 ? { ConditionExpression: conditions.join(" AND ") } : {}),
		ExpressionAttributeValues: Object.fromEntries([
			...sets.map(([name, value]): [string, AttributeValue] => [`:${name}`, value]),
			...compared,
		]),
	};
}
