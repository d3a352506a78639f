import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Outcome } from "../contract/deliver.ts";
import { streamEvent, streamRecord } from "../testing/factories.ts";
import { consumerOf, type HandlerRun, manifestOf, runHandler } from "../testing/run-handler.ts";
import { createMemoryState } from "./memory-state.ts";

const REMAINING = 60_000;
const a1 = streamRecord({ item: "a" });
const b1 = streamRecord({ item: "b" });
const event = { Records: [a1, b1] };
const never = (): Promise<never> => new Promise(() => {});
const identifierOf = (record: typeof a1): string => record.dynamodb.SequenceNumber ?? "";

/** Invokes, lets what can end do so, and moves the clock until there is an answer; how much time was left then. */
async function invokeHanging(run: HandlerRun, given: object = event) {
	let left = REMAINING;
	let answered = false;
	const answer = run.invoke(given, REMAINING).finally(() => {
		answered = true;
	});
	while (!answered) {
		for (let turns = 0; turns < 10; turns++) await turn();
		if (answered) break;
		expect(left, "answers before Lambda ends it").toBeGreaterThan(0);
		run.advance(100);
		left -= 100;
	}
	return { left, names: (await answer).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

const slow = (manifest = manifestOf({ consumers: [consumerOf("crm")] }), wish = {}) => runHandler(manifest, wish);

test("a kind that never answers costs its own record alone", async () => {
	const deliver = async (changes: readonly { eventID: string }[]): Promise<Outcome[]> =>
		changes.some(({ eventID }) => eventID === b1.eventID) ? never() : changes.map(() => ({ status: "delivered" }));
	const run = slow(undefined, { deliverers: { fake: { limits: () => ({ maxRecords: 1 }), deliver } } });
	const { left, names } = await invokeHanging(run);
	expect(names).toEqual([identifierOf(b1)]);
	expect(left).toBeGreaterThanOrEqual(4900);
	expect(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome])).toEqual([
		[a1.eventID, "delivered"],
		[b1.eventID, "retry"],
	]);
});

test("a kind that ends when it is told to is heard: what it has delivered does not come again", async () => {
	const deliver = async (changes: readonly { eventID: string }[], { signal }: { signal: AbortSignal }) => {
		await new Promise((resolve) => signal.addEventListener("abort", resolve));
		return changes.map(
			({ eventID }): Outcome =>
				eventID === a1.eventID ? { status: "delivered" } : { status: "retry", reason: "was told to end" },
		);
	};
	const sleep = async (): Promise<void> => void (await turn());
	const run = slow(undefined, { sleep, deliverers: { fake: { limits: () => ({ maxRecords: 2 }), deliver } } });
	expect((await invokeHanging(run)).names).toEqual([identifierOf(b1)]);
	expect(run.deliveries.map(({ eventID, reason }) => [eventID, reason])).toEqual([
		[a1.eventID, null],
		[b1.eventID, "was told to end"],
	]);
});

test.each(["read", "progress", "quarantine"] as const)(
	"a state table that hangs at %s: nothing is acknowledged, in time",
	async (method) => {
		const state = { ...createMemoryState(), [method]: never };
		const status = method === "quarantine" ? "reject" : "retry";
		const run = slow(undefined, { state, answer: () => ({ status, reason: "no" }) as Outcome });
		const { left, names } = await invokeHanging(run);
		expect(names).toEqual([identifierOf(a1)]);
		expect(left).toBeGreaterThanOrEqual(900);
		expect(run.troubles).toEqual(["The batch is not acknowledged: Something did not end in time."]);
	},
);

test("dead letters that hang: nothing is acknowledged, in time", async () => {
	const run = slow(undefined, { deadLetters: { park: never }, answer: () => ({ status: "reject", reason: "no" }) });
	expect((await invokeHanging(run)).names).toEqual([identifierOf(a1)]);
});

test("claim checks whose reads hang, however many, cost their own items alone", async () => {
	const stub = (number: number) => {
		const { dynamodb, ...record } = streamRecord({ item: "hangs", number });
		const claimCheck = { bucket: "operations", key: `claim-checks/orders/${number}.json` };
		return { ...record, dynamodb: { ...dynamodb, NewImage: undefined }, claimCheck };
	};
	const read = { ...stub(9), eventID: "read", dynamodb: { ...stub(9).dynamodb, Keys: { orderId: { S: "read" } } } };
	const aws = ({ input }: { input: { Key?: string } }): unknown =>
		input.Key === read.claimCheck.key
			? {
					Body: {
						transformToString: async () => JSON.stringify({ ...streamRecord({ item: "read" }), eventID: "read" }),
					},
				}
			: never();
	const run = slow(undefined, { aws: aws as never });
	const stubs = [1, 2, 3, 4, 5, 6, 7, 8].map(stub);
	const { left, names } = await invokeHanging(run, { Records: [...stubs, read, b1] });
	expect(names).toEqual([stubs[0]?.dynamodb.SequenceNumber]);
	expect(left).toBeGreaterThan(REMAINING / 3);
	expect(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome])).toEqual([
		[stubs[0]?.eventID, "retry"],
		...stubs.slice(1).map(({ eventID }) => [eventID, "held"]),
		["read", "delivered"],
		[b1.eventID, "delivered"],
	]);
	expect(run.deliveries[0]?.reason).toContain("S3 did not answer in time");
});

test("an SDK client that does not heed its signal: the lake and the router answer in time", async () => {
	const lake = manifestOf({ role: "lake", lake: { bucket: "lake", compression: "gzip" } });
	const router = manifestOf({ forward: { stream: "s", maxRecordBytes: 1_048_576 } });
	for (const manifest of [lake, router]) {
		const { left, names } = await invokeHanging(slow(manifest, { aws: never }));
		expect(names).toEqual([identifierOf(a1)]);
		expect(left).toBeGreaterThan(0);
	}
});

test("what ends after the answer is neither counted nor logged in the next invocation", async () => {
	let release = (): void => {};
	let hangs = true;
	const memory = createMemoryState();
	const state = {
		...memory,
		quarantine: async (...given: Parameters<typeof memory.quarantine>) => {
			if (hangs) await new Promise<void>((resolve) => (release = resolve));
			return memory.quarantine(...given);
		},
	};
	const run = slow(undefined, { state, answer: () => ({ status: "reject", reason: "no" }) });
	await invokeHanging(run);
	hangs = false;
	run.deliveries.length = 0;
	release();
	for (let turns = 0; turns < 10; turns++) await turn();
	expect(run.deliveries).toEqual([]);
});

test("nothing is begun that may not end in time, and what was not begun is unfinished", async () => {
	const begun: string[] = [];
	const run = slow(manifestOf({ consumers: [consumerOf("crm", { concurrency: 1 })] }), {
		maxRecords: 1,
		answer(_consumer: string, eventID: string): Outcome {
			begun.push(eventID);
			run.advance(REMAINING - 9_000);
			return { status: "delivered" };
		},
	});
	expect(await run.invoke(event, REMAINING)).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(b1) }] });
	expect(begun).toEqual([a1.eventID]);
	expect(run.deliveries.at(-1)).toMatchObject({ outcome: "held", reason: "No time was left." });
});

test("an event of no records is done", async () => {
	expect(await slow().invoke(streamEvent([]))).toEqual({ batchItemFailures: [] });
});
