import { describe, expect, test } from "vitest";
import type { Outcome } from "../contract/deliver.ts";
import { streamEvent, streamRecord, throughKinesis } from "../testing/factories.ts";
import { consumerOf, manifestOf, runHandler } from "../testing/run-handler.ts";
import { hashKeys } from "./key-hash.ts";
import { createMemoryState } from "./memory-state.ts";
import type { StateStore } from "./state.ts";

/* What `npm run simulate` found broken, each cut down to a few records. docs/simulation.md tells the stories. */

const RETRY: Outcome = { status: "retry", reason: "busy" };
const one = manifestOf({ consumers: [consumerOf("crm", { budgetSeconds: 60 })] });
const first = { item: "a", number: 1 };
const second = { item: "a", number: 2 };
const third = { item: "a", number: 3 };
const CHECK = { bucket: "operations", key: "claim-checks/orders/1.json" };
const keyHashOf = (wish: { item: string; number: number }): string => hashKeys(streamRecord(wish).dynamodb.Keys);
const idOf = (wish: { item: string; number: number }): string => streamRecord(wish).eventID;

test("a container whose clock runs ahead by hours does not make the budget longer for the others", async () => {
	const run = runHandler(one, { answer: () => RETRY });
	run.advance(7_200_000);
	await run.invoke(streamEvent([first]));
	run.advance(-7_200_000);
	await run.invoke(streamEvent([first]));
	run.advance(61_000);
	await run.invoke(streamEvent([first]));
	expect(run.letters.map(({ eventID }) => eventID)).toEqual([idOf(first)]);
});

test("nor does it make them wait for a receiver that asked for patience", async () => {
	let attempts = 0;
	const answer = (): Outcome => (attempts++ === 0 ? { ...RETRY, retryAfterMs: 1000 } : { status: "delivered" });
	const run = runHandler(one, { answer });
	run.advance(7_200_000);
	await run.invoke(streamEvent([first]));
	run.advance(-7_200_000);
	expect(await run.invoke(streamEvent([first]))).toEqual({ batchItemFailures: [] });
});

test("a record that cannot be numbered does not make those before it come again", async () => {
	const { dynamodb, ...record } = streamRecord(second);
	const { SequenceNumber: _, ...unnumbered } = dynamodb;
	const Records = [streamRecord({ item: "b" }), streamRecord(first), { ...record, dynamodb: unnumbered }];
	const run = runHandler(one, {
		answer: (_c, id) => (id === idOf({ item: "b", number: 1 }) ? RETRY : { status: "delivered" }),
	});
	await run.invoke({ Records });
	await run.invoke({ Records });
	expect(run.deliveries.find(({ eventID }) => eventID === idOf(first))?.outcome).toBe("deduplicated");
});

test("where the whole batch comes again because nobody can name its lowest record, what is done before that is not done again", async () => {
	const { dynamodb, ...record } = streamRecord({ item: "b" });
	const { SequenceNumber: _, ...unnumbered } = dynamodb;
	const Records = [streamRecord(first), { ...record, dynamodb: unnumbered }];
	const run = runHandler(one, { answer: (_c, id) => (id === record.eventID ? RETRY : { status: "delivered" }) });
	expect(await run.invoke({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: "" }] });
	await run.invoke({ Records });
	expect(run.deliveries.find(({ eventID }) => eventID === idOf(first))?.outcome).toBe("deduplicated");
});

test("a batch that comes again after a crash: what was delivered before the record that is in quarantine is not parked behind it", async () => {
	const state = createMemoryState();
	const answer = (_c: string, id: string): Outcome =>
		id === idOf(second) ? { status: "reject", reason: "bad" } : { status: "delivered" };
	const crash = async (): Promise<void> => {
		throw new Error("down");
	};
	await runHandler(one, { state, answer, deadLetters: { park: crash } }).invoke(streamEvent([first, second]));
	const run = runHandler(one, { state, answer });
	await run.invoke(streamEvent([first, second, third]));
	expect(run.letters.map(({ eventID }) => eventID)).toEqual([idOf(second), idOf(third)]);
	expect(run.deliveries.map(({ outcome }) => outcome)).toEqual(["deduplicated", "reject", "reject"]);
});

test("letters of malformed records lie among those of their item in its order", async () => {
	const places: string[] = [];
	const park = async (_letter: unknown, { sequence }: { sequence: string }): Promise<void> =>
		void places.push(sequence);
	const record = streamRecord(second);
	const malformed = { ...record, dynamodb: { ...record.dynamodb, NewImage: { total: { N: 5 } } } };
	const run = runHandler(one, { answer: () => ({ status: "reject", reason: "bad" }), deadLetters: { park } });
	await run.invoke({ Records: [streamRecord(first), malformed, streamRecord(third)] });
	expect(places).toHaveLength(3);
	expect(places).toEqual(places.toSorted());
});

test("the answer waits for what is still being written down, though one write has failed already", async () => {
	const memory = createMemoryState();
	const written: string[] = [];
	let slow = (): void => {};
	const state: StateStore = {
		...memory,
		async progress(key, progress, lifetimeSeconds) {
			if (written.length === 0 && progress.failure) throw new Error("refused");
			await new Promise<void>((resolve) => {
				slow = resolve;
			});
			written.push(key.keyHash);
			await memory.progress(key, progress, lifetimeSeconds);
		},
	};
	const other = { item: "b", number: 2 };
	const run = runHandler(one, { state, answer: (_c, id) => (id === idOf(first) ? RETRY : { status: "delivered" }) });
	let answered = false;
	const answer = run.invoke(streamEvent([first, other])).finally(() => {
		answered = true;
	});
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
	expect(answered).toBe(false);
	slow();
	await answer;
	expect(written).toHaveLength(1);
});

test("a delivery that was not remembered comes again, and so do those behind it: the receiver is not left with an old state", async () => {
	const manifest = manifestOf({ consumers: [consumerOf("crm", { deduplicationHours: 24 })] });
	const memory = createMemoryState();
	const remembered: string[] = [];
	let refuse = true;
	const state: StateStore = {
		...memory,
		async rememberDelivered(keys, lifetimeSeconds) {
			if (refuse && keys.some(({ eventID }) => eventID === idOf(first))) throw new Error("refused");
			remembered.push(...keys.map(({ eventID }) => eventID));
			await memory.rememberDelivered(keys, lifetimeSeconds);
		},
	};
	const run = runHandler(manifest, { state, maxRecords: 1 });
	await run.invoke(streamEvent([first, second, { item: "b" }]));
	// What is known of an item has no gap.
	expect(remembered).toEqual([idOf({ item: "b", number: 1 })]);
	refuse = false;
	await memory.rememberDelivered([{ consumer: "crm", keyHash: keyHashOf(second), eventID: idOf(second) }], 60);
	await run.invoke(streamEvent([first, second]));
	expect(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome])).toEqual([
		[idOf(first), "delivered"],
		[idOf(second), "delivered"],
	]);
});

test("a copy of an earlier record, put again by an interrupted writer, stays away though its item has something new", async () => {
	const manifest = manifestOf({ consumers: [consumerOf("crm", { deduplicationHours: 24 })] });
	const run = runHandler(manifest);
	await run.invoke(throughKinesis([first]));
	await run.invoke(throughKinesis([second, first]));
	expect(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome])).toEqual([
		[idOf(first), "deduplicated"],
		[idOf(second), "delivered"],
	]);
});

test("a quarantine that is written only after it had been given up and its record had gone through holds nobody: later records are delivered", async () => {
	const memory = createMemoryState();
	let land = async (): Promise<void> => {};
	const state: StateStore = {
		...memory,
		async quarantine(...given) {
			land = () => memory.quarantine(...given);
			throw new Error("no answer");
		},
	};
	let busy = true;
	const run = runHandler(one, { state, answer: () => (busy ? RETRY : { status: "delivered" }) });
	await run.invoke(streamEvent([first]));
	run.advance(61_000);
	await run.invoke(streamEvent([first]));
	busy = false;
	await run.invoke(streamEvent([first]));
	await land();
	await run.invoke(streamEvent([second]));
	expect(run.letters).toEqual([]);
	expect(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome])).toEqual([[idOf(second), "delivered"]]);
	await run.invoke(streamEvent([third]));
	expect(run.deliveries.map(({ outcome }) => outcome)).toEqual(["delivered"]);
});

test("but where its record is still to come, or the parking of one has begun, it stays", async () => {
	const memory = createMemoryState();
	let down = true;
	const asked: string[] = [];
	const run = runHandler(one, {
		state: { ...memory, parking: async (...given) => !down && memory.parking(...given) },
		answer(_consumer, eventID) {
			asked.push(eventID);
			return { status: "reject", reason: "bad" };
		},
	});
	await run.invoke(streamEvent([second]));
	// What comes before it, and was done before it.
	await run.invoke(streamEvent([first]));
	await run.invoke(streamEvent([second, third]));
	expect(run.letters).toEqual([]);
	down = false;
	await run.invoke(streamEvent([second]));
	await run.invoke(streamEvent([third]));
	expect(run.letters.map(({ eventID }) => eventID)).toEqual([idOf(second), idOf(third)]);
	expect(asked).toEqual([idOf(second)]);
});

describe("a record whose claim check could not be read for its whole budget, and then turns out to be for somebody else", () => {
	const condition = { events: ["REMOVE" as const], tests: [], changed: [], any: [] };
	const manifest = manifestOf({ consumers: [consumerOf("crm", { condition, budgetSeconds: 60 })] });
	const { dynamodb, ...record } = streamRecord(first);
	const stub = { ...record, dynamodb: { ...dynamodb, NewImage: undefined }, claimCheck: CHECK };
	const behind = streamRecord({ ...second, eventName: "REMOVE" });

	/** Until then the bucket is down, which has claim checks and letters. */
	async function runOnceReadable(state: StateStore) {
		let text: string | null = null;
		const aws = (): unknown => {
			if (text === null) throw new Error("SlowDown");
			return { Body: { transformToString: async () => text } };
		};
		const park = async (): Promise<void> => {
			throw new Error("SlowDown");
		};
		const run = runHandler(manifest, { state, aws, deadLetters: { park } });
		await run.invoke({ Records: [stub] });
		run.advance(61_000);
		expect((await run.invoke({ Records: [stub, behind] })).batchItemFailures).toHaveLength(1);
		text = JSON.stringify(streamRecord(first));
		return runHandler(manifest, { state, aws });
	}

	test.each([[[stub, behind]], [[stub]]])(
		"holds nothing of its item, though its parking was noted",
		async (Records) => {
			const run = await runOnceReadable(createMemoryState());
			expect(await run.invoke({ Records })).toEqual({ batchItemFailures: [] });
			await run.invoke({ Records: [behind] });
			expect(run.letters).toEqual([]);
			expect(run.deliveries.map(({ outcome }) => outcome)).toEqual(["delivered"]);
		},
	);

	test("but where a later record was noted as well, that one is parked", async () => {
		const state = createMemoryState();
		const run = await runOnceReadable(state);
		expect(await state.parking({ consumer: "crm", keyHash: keyHashOf(second) }, "~")).toBe(true);
		await run.invoke({ Records: [stub, behind] });
		expect(run.letters.map(({ eventID }) => eventID)).toEqual([behind.eventID]);
	});
});
