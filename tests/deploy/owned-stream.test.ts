import { expect, test } from "vitest";
import { checkOwnedStream } from "../../framework/deploy/owned-stream.ts";

const found = (shards: number, streamMode = "PROVISIONED") => ({
	openShards: Array.from({ length: shards }, (_, index) => `shardId-${index}`),
	retentionPeriod: 48,
	streamModeDetails: [{ streamMode }],
});
const planned = (shards: number, retentionHours = 48) =>
	({ capacity: { mode: "provisioned", shards }, retentionHours, tags: {} }) as const;

test.each([
	[4, 4, null],
	[4, 8, null],
	[4, 9, 8],
	[4, 2, null],
	[4, 1, 2],
	[5, 2, 3],
	[1, 4, 2],
])("from %i shards to %i: go to %s first", (now, wish, first) => {
	const help = checkOwnedStream("orders", planned(wish), found(now)).map((problem) => problem.help);
	expect(help).toEqual(first === null ? [] : [`Write \`shards: ${first}\` and deploy, then go on from there.`]);
});

test("a stream that becomes provisioned, or on-demand, has no such bound", () => {
	expect(checkOwnedStream("orders", planned(9), found(2, "ON_DEMAND"))).toEqual([]);
	const onDemand = { ...planned(1), capacity: { mode: "on-demand" } } as const;
	expect(checkOwnedStream("orders", onDemand, found(9))).toEqual([]);
});

test("a longer retention is no matter, a shorter one is said", () => {
	const codes = (hours: number) => checkOwnedStream("orders", planned(2, hours), found(2)).map(({ code }) => code);
	expect([codes(24), codes(48), codes(168)]).toEqual([["stream-retention"], [], []]);
});
