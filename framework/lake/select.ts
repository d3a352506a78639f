import type { Change } from "../contract/change.ts";
import type { Condition } from "../contract/condition.ts";
import { Arrival } from "../runtime/arrival.ts";
import { makeChange, type Origin } from "../runtime/change.ts";
import { compilePredicate } from "../runtime/predicate.ts";
import { dynamodbSource } from "../runtime/sources/dynamodb.ts";
import type { LakeRecord } from "./record.ts";

/** A record of the lake as consumers see it; null for one that no consumer can be given. */
export type ChangeOf = (record: LakeRecord) => Change | null;

/** Reads records as the runtime would. */
export function changesOf(origin: Origin): ChangeOf {
	return ({ json, lineNumber }) => {
		const identity = { identifier: null, eventID: null, arrived: 0 };
		const state = new Arrival(lineNumber, identity, { json }, json, dynamodbSource).state("both");
		return state.status === "ready" ? makeChange(state.record, origin) : null;
	};
}

/** Which records a condition selects; null = all of them, those that no consumer can be given included. */
export function compileSelection(condition: Condition | null, changeOf: ChangeOf): (record: LakeRecord) => boolean {
	if (condition === null) return () => true;
	const { matches } = compilePredicate(condition);
	return (record) => {
		const change = changeOf(record);
		return change !== null && matches(change.record);
	};
}
