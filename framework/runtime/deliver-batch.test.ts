import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../contract/deliver.ts";
import { type RecordWish, streamEvent, streamRecord, throughKinesis } from "../testing/factories.ts";
import { consumerOf, manifestOf, runHandler } from "../testing/run-handler.ts";
import { createMemoryState } from "./memory-state.ts";

const DELIVERED: Outcome = { status: "delivered" };
const RETRY: Outcome = { status: "retry", reason: "busy" };
const REJECT: Outcome = { status: "reject", reason: "bad" };

const batch: RecordWish[] = [
	{ item: "a", number: 1 },
	{ item: "b", number: 1 },
	{ item: "a", number: 2 },
	{ item: "b", number: 2 },
];
const [a1, b1, a2, b2] = batch.map((wish) => streamRecord(wish).eventID) as [string, string, string, string];
const sequenceOf = (wish: RecordWish): string => streamRecord(wish).dynamodb.SequenceNumber ?? "";

const one = manifestOf({ consumers: [consumerOf("crm")] });
const outcomes = (run: { deliveries: { eventID: string; outcome: string }[] }): Record<string, string> =>
	Object.fromEntries(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome]));

test("a retry stops its item alone; the lowest unfinished record is the checkpoint; what is done is not done again", async () => {
	let busy = true;
	const run = runHandler(one, { answer: (_c, id) => (busy && id === a1 ? RETRY : DELIVERED) });
	expect(await run.invoke(streamEvent(batch))).toEqual({
		batchItemFailures: [{ itemIdentifier: sequenceOf({ item: "a", number: 1 }) }],
	});
	expect(outcomes(run)).toEqual({ [a1]: "retry", [a2]: "held", [b1]: "delivered", [b2]: "delivered" });
	busy = false;
	expect(await run.invoke(streamEvent(batch))).toEqual({ batchItemFailures: [] });
	expect(outcomes(run)).toEqual({ [a1]: "delivered", [a2]: "delivered", [b1]: "deduplicated", [b2]: "deduplicated" });
});

test("one consumer's trouble repeats nothing to another", async () => {
	const manifest = manifestOf({ consumers: [consumerOf("crm"), consumerOf("bi")] });
	const run = runHandler(manifest, { answer: (consumer, id) => (consumer === "crm" && id === a1 ? RETRY : DELIVERED) });
	await run.invoke(streamEvent(batch));
	await run.invoke(streamEvent(batch));
	const atBi = run.deliveries.filter(({ consumer }) => consumer === "bi").map(({ outcome }) => outcome);
	expect(atBi).toEqual(["deduplicated", "deduplicated", "deduplicated", "deduplicated"]);
});

test("a reject is parked at once and later records of its item behind it, in order, also in later batches", async () => {
	const run = runHandler(one, { answer: (_c, id) => (id === a1 ? REJECT : DELIVERED) });
	expect(await run.invoke(streamEvent(batch))).toEqual({ batchItemFailures: [] });
	await run.invoke(streamEvent([{ item: "a", number: 3 }]));
	expect(run.letters.map(({ eventID, attempts }) => [eventID, attempts])).toEqual([
		[a1, 1],
		[a2, 0],
		[streamRecord({ item: "a", number: 3 }).eventID, 0],
	]);
	expect(run.letters[0]).toMatchObject({ reason: "bad", record: streamRecord(batch[0]) });
});

test("a key in retry longer than its budget is parked, counted from its first failure", async () => {
	const run = runHandler(one, { answer: (_c, id) => (id === a1 ? RETRY : DELIVERED) });
	await run.invoke(streamEvent(batch));
	run.advance(59_000);
	await run.invoke(streamEvent(batch));
	expect(run.letters).toEqual([]);
	run.advance(1_000);
	expect(await run.invoke(streamEvent(batch))).toEqual({ batchItemFailures: [] });
	expect(run.letters.map(({ eventID, attempts }) => [eventID, attempts])).toEqual([
		[a1, 3],
		[a2, 0],
	]);
});

test("a receiver that asks for patience is left alone until then, never beyond the budget", async () => {
	const run = runHandler(one, { answer: () => ({ ...RETRY, retryAfterMs: 3_600_000 }) as Outcome });
	await run.invoke(streamEvent([{ item: "a" }]));
	run.advance(59_999);
	await run.invoke(streamEvent([{ item: "a" }]));
	expect(outcomes(run)).toEqual({ [a1]: "held" });
	run.advance(1);
	await run.invoke(streamEvent([{ item: "a" }]));
	expect(outcomes(run)).toEqual({ [a1]: "reject" });
});

test("while dead letters cannot be stored the record is not acknowledged, and it is parked without another attempt", async () => {
	let down = true;
	let attempts = 0;
	const parked: unknown[] = [];
	const run = runHandler(one, {
		answer: () => {
			attempts += 1;
			return REJECT;
		},
		deadLetters: {
			async park({ eventID, reason, attempts: tried }) {
				if (down) throw new Error("SlowDown");
				parked.push([eventID, reason, tried]);
			},
		},
	});
	const event = streamEvent([
		{ item: "a", number: 1 },
		{ item: "a", number: 2 },
	]);
	expect((await run.invoke(event)).batchItemFailures).toHaveLength(1);
	expect(outcomes(run)).toEqual({ [a1]: "retry", [a2]: "held" });
	down = false;
	expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
	const behind = [a2, `It is behind ${a1}, which was parked: bad`, 0];
	expect({ parked, attempts }).toEqual({ parked: [[a1, "bad", 1], behind], attempts: 1 });
});

test.each(["read", "progress", "quarantine", "parking"] as const)(
	"a state table that fails at %s: the batch is not acknowledged",
	async (method) => {
		const state = {
			...createMemoryState(),
			[method]: async () => {
				throw new Error("down");
			},
		};
		const answer = (_c: string, id: string): Outcome =>
			id === a1 ? (method === "progress" ? RETRY : REJECT) : DELIVERED;
		const run = runHandler(one, { state, answer });
		expect(await run.invoke(streamEvent(batch))).toEqual({
			batchItemFailures: [{ itemIdentifier: sequenceOf({ item: "a", number: 1 }) }],
		});
		expect(run.letters).toEqual([]);
		expect(run.troubles).not.toEqual([]);
	},
);

test("a quarantine that was lifted since it was read: the record is not parked behind it, but comes again", async () => {
	let lifted = false;
	const memory = createMemoryState();
	const state = {
		...memory,
		parking: async (...given: Parameters<typeof memory.parking>) => !lifted && memory.parking(...given),
	};
	const run = runHandler(one, { state, answer: () => REJECT });
	await run.invoke(streamEvent([{ item: "a", number: 1 }]));
	lifted = true;
	const { batchItemFailures } = await run.invoke(streamEvent([{ item: "a", number: 2 }]));
	expect(batchItemFailures).toHaveLength(1);
	expect(run.letters.map(({ eventID }) => eventID)).toEqual([a1]);
	expect(outcomes(run)).toEqual({ [a2]: "retry" });
});

test("without time nothing is begun; a record without a sequence number names the whole batch", async () => {
	const run = runHandler(one);
	const record = streamRecord({ item: "a" });
	const { SequenceNumber: _, ...dynamodb } = record.dynamodb;
	expect(await run.invoke({ Records: [{ ...record, dynamodb }] }, 100)).toEqual({
		batchItemFailures: [{ itemIdentifier: "" }],
	});
	expect(outcomes(run)).toEqual({ [a1]: "held" });
});

test("a kind that throws or answers too few outcomes fails its call, and its words are not repeated", async () => {
	const deliver = async (): Promise<Outcome[]> => {
		throw new TypeError("secret words");
	};
	const run = runHandler(one, { deliverers: { fake: { limits: () => ({ maxRecords: 9 }), deliver } } });
	await run.invoke(streamEvent([{ item: "a" }]));
	expect(run.deliveries).toMatchObject([{ outcome: "retry", reason: "The consumer's code threw TypeError." }]);
});

test("records that are not selected are skipped, with the reason, wherever they stand", async () => {
	const condition = { events: ["REMOVE" as const], tests: [], changed: [], any: [] };
	const run = runHandler(manifestOf({ consumers: [consumerOf("crm", { condition })] }));
	expect(await run.invoke(streamEvent(batch))).toEqual({ batchItemFailures: [] });
	expect(run.deliveries.map(({ outcome, reason }) => [outcome, typeof reason])).toEqual(
		batch.map(() => ["skipped", "string"]),
	);
});

test("whatever a record is, the handler answers and accounts for it", async () => {
	const anything = fc.oneof(
		fc.jsonValue(),
		fc.record({
			eventSource: fc.constant("aws:kinesis"),
			kinesis: fc.record({ data: fc.string(), sequenceNumber: fc.string() }),
		}),
		fc.record({
			eventID: fc.option(fc.string()),
			eventName: fc.constantFrom("INSERT", "REMOVE", 5),
			eventSource: fc.constant("aws:dynamodb"),
			dynamodb: fc.record({ Keys: fc.jsonValue(), NewImage: fc.jsonValue(), SequenceNumber: fc.string() }),
		}),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(anything, { maxLength: 8 }), async (Records) => {
			const run = runHandler(one);
			expect(await run.invoke({ Records })).toEqual({ batchItemFailures: [] });
			expect(run.deliveries.map(({ outcome }) => outcome === "reject" || outcome === "delivered")).toEqual(
				Records.map(() => true),
			);
			expect(run.letters).toHaveLength(run.deliveries.filter(({ outcome }) => outcome === "reject").length);
		}),
		{ numRuns: 150 },
	);
});

test.each([null, 5, {}, { Records: 5 }])("%j is no event: an error says so", async (event) => {
	await expect(runHandler(one).invoke(event)).rejects.toThrow("Records");
});

describe("deduplication", () => {
	const once = manifestOf({ consumers: [consumerOf("crm", { deduplicationHours: 1 }), consumerOf("bi")] });

	test("what a consumer that asked for it has had does not come again, not even after a crash; to another it does", async () => {
		const run = runHandler(once);
		await run.invoke(streamEvent(batch));
		// Lambda did not hear the answer: everything comes again, with one more.
		const later = { item: "a", number: 3 };
		expect(await run.invoke(streamEvent([...batch, later]))).toEqual({ batchItemFailures: [] });
		const at = (name: string) => run.deliveries.filter(({ consumer }) => consumer === name);
		expect(outcomes({ deliveries: at("crm") })).toEqual({
			...Object.fromEntries([a1, a2, b1, b2].map((id) => [id, "deduplicated"])),
			[streamRecord(later).eventID]: "delivered",
		});
		expect(new Set(at("bi").map(({ outcome }) => outcome))).toEqual(new Set(["delivered"]));
	});

	test("what failed, was parked or held is not taken for delivered", async () => {
		let answer: Outcome = RETRY;
		const run = runHandler(once, { answer: (consumer, id) => (consumer === "crm" && id === a1 ? answer : DELIVERED) });
		await run.invoke(streamEvent(batch));
		answer = DELIVERED;
		await run.invoke(streamEvent(batch));
		expect(outcomes({ deliveries: run.deliveries.filter(({ consumer }) => consumer === "crm") })).toMatchObject({
			[a1]: "delivered",
			[a2]: "delivered",
		});
	});

	test("deliveries are written down call by call, before the next begins", async () => {
		const steps: string[] = [];
		const state = {
			...createMemoryState(),
			async rememberDelivered(keys: readonly { eventID: string }[]) {
				steps.push(...keys.map(({ eventID }) => `remember ${eventID}`));
			},
		};
		const manifest = manifestOf({ consumers: [consumerOf("crm", { deduplicationHours: 1, concurrency: 1 })] });
		const answer = (_c: string, id: string): Outcome => {
			steps.push(`deliver ${id}`);
			return DELIVERED;
		};
		await runHandler(manifest, { state, answer, maxRecords: 1 }).invoke(streamEvent(batch.slice(0, 2)));
		expect(steps).toEqual([`deliver ${a1}`, `remember ${a1}`, `deliver ${b1}`, `remember ${b1}`]);
	});

	test("while the memory does not answer its consumer gets nothing; the other gets all", async () => {
		const delivered = async () => {
			throw new Error("down");
		};
		const run = runHandler(once, { state: { ...createMemoryState(), delivered } });
		expect((await run.invoke(streamEvent(batch))).batchItemFailures).toHaveLength(1);
		const byConsumer = Map.groupBy(run.deliveries, ({ consumer }) => consumer);
		expect(byConsumer.get("crm")?.map(({ outcome }) => outcome)).toEqual(batch.map(() => "held"));
		expect(byConsumer.get("bi")?.map(({ outcome }) => outcome)).toEqual(batch.map(() => "delivered"));
	});

	test("a delivery that cannot be remembered stays one", async () => {
		const rememberDelivered = async () => {
			throw new Error("down");
		};
		const run = runHandler(once, { state: { ...createMemoryState(), rememberDelivered } });
		expect(await run.invoke(streamEvent(batch))).toEqual({ batchItemFailures: [] });
		expect(run.troubles[0]).toContain("could not be remembered");
	});

	test("a record that stands in the batch twice is delivered once, whoever asked; the repeat shares its fate", async () => {
		let outcome: Outcome = RETRY;
		const run = runHandler(one, { answer: (_c, id) => (id === a1 ? outcome : DELIVERED) });
		// On a table's stream each record is once; only the router puts one again into Kinesis.
		const event = throughKinesis([...batch.slice(0, 3), batch[0] as RecordWish]);
		await run.invoke(event);
		expect(run.deliveries.map(({ eventID, outcome }) => [eventID, outcome])).toEqual([
			[a1, "retry"],
			[b1, "delivered"],
			[a2, "held"],
			[a1, "held"],
		]);
		outcome = DELIVERED;
		expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
		expect(run.deliveries.filter(({ eventID }) => eventID === a1).map(({ outcome }) => outcome)).toEqual([
			"delivered",
			"deduplicated",
		]);
	});
});

test("a repeat of an earlier record does not take back what is done, nor keep a failure from being written", async () => {
	const state = createMemoryState();
	let refuse: string | null = null;
	const run = runHandler(one, { state, answer: (_c, id) => (id === refuse ? RETRY : DELIVERED) });
	const a3 = streamRecord({ item: "a", number: 3 }).eventID;
	refuse = b1;
	await run.invoke(streamEvent([{ item: "b" }, { item: "a", number: 1 }, { item: "a", number: 2 }]));
	refuse = a3;
	// The writer was interrupted: the first of the item comes once more, before a third that fails.
	const again = streamEvent([
		{ item: "a", number: 1 },
		{ item: "a", number: 3 },
	]);
	await run.invoke(again);
	run.advance(60_000);
	expect(await run.invoke(again)).toEqual({ batchItemFailures: [] });
	expect(run.letters.map(({ eventID, attempts }) => [eventID, attempts])).toEqual([[a3, 2]]);
});

test("behind a checkpoint, an item goes on from where it stood", async () => {
	let busy = true;
	const run = runHandler(one, { answer: (_c, id) => (busy && (id === b1 || id === a2) ? RETRY : DELIVERED) });
	const event = streamEvent([
		{ item: "b", number: 1 },
		{ item: "a", number: 1 },
		{ item: "a", number: 2 },
	]);
	await run.invoke(event);
	busy = false;
	expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
	expect(outcomes(run)).toEqual({ [b1]: "delivered", [a1]: "deduplicated", [a2]: "delivered" });
});

describe("consumers that share a function", () => {
	const shared = manifestOf({ consumers: [consumerOf("down", { concurrency: 1 }), consumerOf("well")] });
	const batchOf = (start: number): RecordWish[] =>
		Array.from({ length: 5 }, (_, index) => ({ item: `item-${start + index}`, number: 1 }));

	function downUntil(recovered: () => boolean) {
		const asked: string[] = [];
		const run = runHandler(shared, {
			maxRecords: 1,
			answer(consumer, eventID) {
				if (consumer === "well") return DELIVERED;
				asked.push(eventID);
				return recovered() ? DELIVERED : RETRY;
			},
		});
		const at = (name: string) => run.deliveries.filter(({ consumer }) => consumer === name);
		return { run, asked, at };
	}

	test("one that is down holds the others once for its budget, not in every batch anew", async () => {
		let recovered = false;
		const { run, asked, at } = downUntil(() => recovered);
		expect((await run.invoke(streamEvent(batchOf(0)))).batchItemFailures).toHaveLength(1);
		run.advance(60_000);
		expect(await run.invoke(streamEvent(batchOf(0)))).toEqual({ batchItemFailures: [] });
		for (const start of [5, 10]) {
			asked.length = 0;
			expect(await run.invoke(streamEvent(batchOf(start)))).toEqual({ batchItemFailures: [] });
			expect(at("well").map(({ outcome }) => outcome)).toEqual(Array(5).fill("delivered"));
			expect(at("down").map(({ outcome }) => outcome)).toEqual(Array(5).fill("reject"));
			// One record shows that it is still down; the others do not wait for its silence.
			expect(asked).toHaveLength(1);
		}
		expect(run.letters).toHaveLength(15);
		expect(run.letters.slice(-2).map(({ attempts }) => attempts)).toEqual([0, 0]);
		recovered = true;
		await run.invoke(streamEvent(batchOf(15)));
		expect(at("down").map(({ outcome }) => outcome)).toEqual(Array(5).fill("delivered"));
		recovered = false;
		// A new trouble has its budget anew.
		expect((await run.invoke(streamEvent(batchOf(20)))).batchItemFailures).toHaveLength(1);
	});

	test("its trouble begins with the first failure behind the last batch that passed, however long a record has been failing", async () => {
		const first = { item: "a", number: 1 };
		const run = runHandler(shared, {
			answer: (consumer, id) => (consumer === "down" && id !== b1 ? RETRY : DELIVERED),
		});
		await run.invoke(streamEvent([first]));
		run.advance(50_000);
		// Of another shard.
		await run.invoke(streamEvent([{ item: "b", number: 1 }]));
		await run.invoke(streamEvent([first]));
		run.advance(10_000);
		await run.invoke(streamEvent([first]));
		expect(run.letters.map(({ eventID }) => eventID)).toEqual([a1]);
		expect((await run.invoke(streamEvent(batchOf(5)))).batchItemFailures).toHaveLength(1);
		expect(run.letters).toHaveLength(1);
		run.advance(50_000);
		expect(await run.invoke(streamEvent(batchOf(5)))).toEqual({ batchItemFailures: [] });
	});

	test("a container whose clock runs ahead does not make the trouble longer for the others", async () => {
		const { run } = downUntil(() => false);
		run.advance(7_200_000);
		await run.invoke(streamEvent(batchOf(0)));
		run.advance(-7_200_000);
		await run.invoke(streamEvent(batchOf(0)));
		run.advance(60_000);
		await run.invoke(streamEvent(batchOf(0)));
		expect(await run.invoke(streamEvent(batchOf(5)))).toEqual({ batchItemFailures: [] });
	});

	test("while it is failing, an item's records are parked in order, and malformed ones for their own reason", async () => {
		const { run, at } = downUntil(() => false);
		await run.invoke(streamEvent(batchOf(0)));
		run.advance(60_000);
		await run.invoke(streamEvent(batchOf(0)));
		run.letters.length = 0;
		const records = streamEvent([
			{ item: "a", number: 1 },
			{ item: "b", number: 1 },
			{ item: "a", number: 2 },
			{ item: "b", number: 2 },
		]).Records;
		const event = { Records: [{ eventSource: "aws:dynamodb", eventID: "odd" }, ...records] };
		expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
		expect(at("down").map(({ eventID }) => eventID)).toEqual([a1, "odd", b1, a2, b2]);
		expect(run.letters.find(({ consumer, eventID }) => consumer === "down" && eventID === "odd")?.reason).toContain(
			"malformed",
		);
	});

	test("a probe that can neither be delivered nor parked holds its item; nothing passes it", async () => {
		let parks = true;
		const letters: string[] = [];
		const run = runHandler(shared, {
			answer: (consumer) => (consumer === "down" ? RETRY : DELIVERED),
			deadLetters: {
				async park({ eventID }) {
					if (!parks && eventID === a1) throw new Error("SlowDown");
					letters.push(eventID);
				},
			},
		});
		await run.invoke(streamEvent(batchOf(0)));
		run.advance(60_000);
		await run.invoke(streamEvent(batchOf(0)));
		letters.length = 0;
		parks = false;
		const event = streamEvent(batch);
		expect(await run.invoke(event)).toEqual({
			batchItemFailures: [{ itemIdentifier: sequenceOf({ item: "a", number: 1 }) }],
		});
		expect(letters).toEqual([b1, b2]);
		parks = true;
		expect(await run.invoke(event)).toEqual({ batchItemFailures: [] });
		expect(letters).toEqual([b1, b2, a1, a2]);
	});

	test("a consumer with a function of its own has its budget item by item, however long it is down", async () => {
		const run = runHandler(one, { answer: () => RETRY });
		await run.invoke(streamEvent(batchOf(0)));
		run.advance(60_000);
		await run.invoke(streamEvent(batchOf(0)));
		expect((await run.invoke(streamEvent(batchOf(5)))).batchItemFailures).toHaveLength(1);
	});
});
