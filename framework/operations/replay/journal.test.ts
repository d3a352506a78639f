import { expect, test } from "vitest";
import { parseRecord } from "../../lake/record.ts";
import { streamRecord } from "../../testing/factories.ts";
import { doneBefore } from "./journal.ts";

const record = (item: string, number: number) =>
	parseRecord(JSON.stringify(streamRecord({ item, number })), "object", number);

test("a replay that goes on repeats neither what lies before its place nor what was done beyond it", () => {
	const [before, at, beyond, ahead] = [record("a", 1), record("a", 2), record("b", 3), record("a", 4)];
	const through = { label: at.label, sequence: at.sequence };
	const isDone = doneBefore({ through, done: [beyond.eventID] });
	expect([before, at, beyond, ahead].map(isDone)).toEqual([true, false, true, false]);
	expect(doneBefore({ through: null, done: [] })(before)).toBe(false);
});
