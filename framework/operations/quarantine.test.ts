import { expect, test } from "vitest";
import { streamRecord } from "../testing/factories.ts";
import { type ItemState, isLateCopy } from "./quarantine.ts";

const through = "label/0000000000000000000000000000000000000002";
const state: ItemState = {
	keyHash: "a",
	quarantine: { eventID: "1", sequence: "", reason: "", firstFailedAt: 0, attempts: 1, refused: true },
	parkedThrough: through,
	redrivenThrough: through,
	droppedThrough: "",
	deliveredThrough: "",
	redrive: null,
	row: {},
};

test("a letter of what was redriven is a late copy, unless a replay parked it or nobody numbered its record", () => {
	const record = streamRecord({ item: "a" });
	const { SequenceNumber: _, ...unnumbered } = record.dynamodb;
	expect(isLateCopy(state, through, { replayId: null, record })).toBe(true);
	expect(isLateCopy(state, through, { replayId: "again", record })).toBe(false);
	expect(isLateCopy(state, through, { replayId: null, record: { ...record, dynamodb: unnumbered } })).toBe(false);
	expect(isLateCopy(state, through, { replayId: null, record: { base64: "AAE=" } })).toBe(false);
	expect(isLateCopy({ ...state, redrivenThrough: "" }, through, { replayId: null, record })).toBe(false);
});
