import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstFailure } from "../../framework/local/mapping/answer.ts";
import { compileFilters } from "../../framework/local/mapping/record.ts";
import { type Bench, createBench } from "./mapping-bench.ts";

let bench: Bench;
beforeEach(() => {
	bench = createBench();
	bench.source.addShard("s1");
});
afterEach(() => bench.remove());

const put = (count: number, item = "a"): string[] =>
	Array.from({ length: count }, () => bench.source.put("s1", item, bench.clock.now()));
const report = (...identifiers: unknown[]) => ({
	batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});
const countOf = (sequenceNumber: string): number =>
	bench.invocations.flat().filter((each) => each === sequenceNumber).length;

describe("what an answer says", () => {
	test.each([
		["null", null, null],
		["an empty text", "", null],
		["an empty list", [], null],
		["an empty object", {}, null],
		["no failures", { batchItemFailures: [] }, null],
		["failures null", { batchItemFailures: null }, null],
		["one", report("2"), 1],
		["several: the lowest, in any order", report("3", "2"), 1],
		["an empty identifier", report(""), 0],
		["a null identifier", report(null), 0],
		["another key", { batchItemFailures: [{ foo: "2" }] }, 0],
		["a null entry", { batchItemFailures: [null] }, 0],
		["an identifier that is not in the batch", report("3", "123"), 0],
		["a text", "done", 0],
	])("%s", (_name, response, expected) => {
		expect(firstFailure(response, ["1", "2", "3"])).toBe(expected);
	});
});

describe("retries", () => {
	test("progress starts the count anew: 3 records, the third failing, 3 retries: it is seen 5 times", async () => {
		const [one = "", two = "", three = ""] = put(3);
		bench.answer = () => report(three);
		const mapping = bench.start({ maximumRetryAttempts: 3 });
		await bench.settle(mapping);
		expect([countOf(one), countOf(two), countOf(three)]).toEqual([1, 1, 5]);
		const dump = JSON.parse(bench.dumps[0]?.body ?? "");
		expect(bench.dumps).toHaveLength(1);
		expect(dump.requestContext).toMatchObject({ condition: "RetryAttemptsExhausted", approximateInvokeCount: 4 });
		expect(dump.responseContext.functionError).toBeNull();
		expect(dump.DDBStreamBatchInfo).toMatchObject({ shardId: "s1", startSequenceNumber: three, batchSize: 1 });
		expect(JSON.parse(dump.payload).Records[0].dynamodb.SequenceNumber).toBe(three);
		expect(bench.dumps[0]?.key).toMatch(
			/^aws\/lambda\/11111111-2222-3333-4444-555555555555\/s1\/2026\/01\/01\/2026-01-01T00\.00\.\d\d-[0-9a-f-]{36}$/,
		);
	});

	test("n retries are n + 1 invocations, then the shard goes on", async () => {
		const [bad = ""] = put(1);
		bench.answer = (numbers) => {
			if (numbers.includes(bad)) throw new Error("no");
			return null;
		};
		const mapping = bench.start({ maximumRetryAttempts: 2, batchSize: 1 });
		const [good = ""] = put(1);
		await bench.settle(mapping);
		expect(bench.invocations).toEqual([[bad], [bad], [bad], [good]]);
		expect(JSON.parse(bench.dumps[0]?.body ?? "").responseContext.functionError).toBe("Unhandled");
	});

	test("a function error bisects; splits use up no retry", async () => {
		const numbers = put(4);
		const bad = numbers[2] ?? "";
		bench.answer = (given) => {
			if (given.includes(bad)) throw new Error("no");
			return null;
		};
		const mapping = bench.start({ maximumRetryAttempts: 1, bisectBatchOnFunctionError: true });
		await bench.settle(mapping);
		expect(bench.invocations.map((each) => each.length)).toEqual([4, 2, 2, 1, 1, 1]);
		expect(countOf(bad)).toBe(4);
		expect(JSON.parse(bench.dumps[0]?.body ?? "").DDBStreamBatchInfo.batchSize).toBe(1);
	});

	test("records past their age go to the dump, younger ones on", async () => {
		const [old = ""] = put(1);
		let failing = true;
		bench.answer = () => {
			if (failing) throw new Error("no");
			return null;
		};
		const mapping = bench.start({ maximumRecordAgeInSeconds: 60, batchSize: 1 });
		await bench.turn();
		bench.clock.advance(30_000);
		const [young = ""] = put(1);
		while (bench.dumps.length === 0) {
			bench.clock.advanceToNext();
			await bench.turn();
		}
		failing = false;
		await bench.settle(mapping);
		const dump = JSON.parse(bench.dumps[0]?.body ?? "");
		expect(dump.requestContext.condition).toBe("RecordAgeExceeded");
		expect(dump).not.toHaveProperty("responseContext");
		expect(dump.DDBStreamBatchInfo.endSequenceNumber).toBe(old);
		expect(bench.invocations.at(-1)).toEqual([young]);
	});

	test("a dump that fails is tried again; nothing is acknowledged before", async () => {
		put(1);
		let refusals = 3;
		bench.answer = () => report("");
		const dumped: string[] = [];
		const mapping = bench.start(
			{ maximumRetryAttempts: 0 },
			{
				putFailure: async (key) => {
					if (refusals-- > 0) throw new Error("no bucket");
					dumped.push(key);
				},
			},
		);
		await bench.settle(mapping);
		expect(dumped).toHaveLength(1);
	});
});

describe("batches", () => {
	test("the window gathers; the batch size cuts it short", async () => {
		const mapping = bench.start({ batchSize: 3, maximumBatchingWindowInSeconds: 5 });
		put(2);
		await bench.turn();
		bench.clock.advance(4_999);
		await bench.turn();
		expect(bench.invocations).toEqual([]);
		bench.clock.advance(1);
		await bench.turn();
		expect(bench.invocations.map((each) => each.length)).toEqual([2]);
		put(7);
		await bench.turn();
		expect(bench.invocations.map((each) => each.length)).toEqual([2, 3, 3]);
		await bench.settle(mapping);
		expect(bench.invocations.map((each) => each.length)).toEqual([2, 3, 3, 1]);
	});

	test("6 MB of payload end a batch before its size does", async () => {
		for (let count = 0; count < 4; count++)
			bench.source.put("s1", "a", bench.clock.now(), { padding: "x".repeat(2_500_000) });
		await bench.settle(bench.start({ maximumBatchingWindowInSeconds: 300 }));
		expect(bench.invocations.map((each) => each.length)).toEqual([2, 2]);
	});

	test("filters are ORed, and the checkpoint passes what they leave out", async () => {
		const filters = [{ eventName: ["MODIFY"] }, { dynamodb: { Keys: { id: { S: ["wanted"] } } } }];
		put(2, "other");
		const [wanted = ""] = put(1, "wanted");
		put(1, "other");
		const first = bench.start({}, { filters });
		await bench.settle(first);
		await first.drain();
		expect(bench.invocations).toEqual([[wanted]]);
		const second = bench.start();
		await bench.settle(second);
		expect(bench.invocations).toEqual([[wanted]]);
	});
});

describe("filters on Kinesis", () => {
	const passes = (data: string, ...patterns: object[]): boolean | undefined => {
		const json = JSON.stringify({ kinesis: { partitionKey: "p", data: Buffer.from(data).toString("base64") } });
		return compileFilters("kinesis", patterns)?.({ sequenceNumber: "1", arrivedAt: 0, json });
	};
	const absent = { data: { a: [{ exists: false }] } };

	test.each([
		["JSON with the value", '{"a":"x"}', [{ data: { a: ["x"] } }], true],
		["JSON with another", '{"a":"y"}', [{ data: { a: ["x"] } }], false],
		["JSON without the member, asked to be absent", "{}", [absent], true],
		["no JSON, asked to be absent", "not JSON", [absent], false],
		["no JSON, one alternative of it", "not JSON", [{ $or: [absent, { data: { b: ["x"] } }] }], false],
		["no JSON, and a pattern that does not look", "not JSON", [{ partitionKey: ["p"] }], true],
		["no JSON, and one of two patterns that does not look", "not JSON", [absent, { partitionKey: ["p"] }], true],
	])("%s", (_name, data, patterns, expected) => {
		expect(passes(data, ...patterns)).toBe(expected);
	});
});

describe("positions", () => {
	test("a drain leaves a failing batch; the next start begins with it", async () => {
		const [one = "", two = ""] = put(2);
		bench.answer = () => report(two);
		const first = bench.start();
		await bench.turn();
		await first.drain();
		bench.invocations.length = 0;
		bench.answer = () => null;
		await bench.settle(bench.start());
		expect(bench.invocations).toEqual([[two]]);
		expect(one).not.toBe(two);
	});

	test("a drain hands on what waits for its window", async () => {
		const mapping = bench.start({ maximumBatchingWindowInSeconds: 300 });
		const numbers = put(3);
		await bench.turn();
		await mapping.drain();
		expect(bench.invocations).toEqual([numbers]);
	});

	test("first-deployment is fixed at the first start", async () => {
		const settings = { startingPosition: "AT_TIMESTAMP", startingPositionTimestamp: "first-deployment" } as const;
		put(1);
		bench.clock.advance(1000);
		const first = bench.start(settings);
		await first.drain();
		bench.clock.advance(1000);
		const [later = ""] = put(1);
		bench.clock.advance(1000);
		await bench.settle(bench.start(settings));
		expect(bench.invocations).toEqual([[later]]);
	});

	test("children wait for their parents", async () => {
		bench.source.addShard("s2", ["s1"]);
		const child = bench.source.put("s2", "a", bench.clock.now());
		const [parent = ""] = put(1);
		let failures = 3;
		bench.answer = (numbers) => (numbers.includes(parent) && failures-- > 0 ? report("") : null);
		const mapping = bench.start();
		await bench.settle(mapping);
		expect(bench.invocations.flat()).not.toContain(child);
		bench.source.closeShard("s1");
		await bench.settle(mapping);
		expect(bench.invocations.flat().at(-1)).toBe(child);
	});
});

test("a stuck item holds only its own lane", async () => {
	const stuck = put(1, "stuck")[0] ?? "";
	bench.answer = (numbers) => (numbers.includes(stuck) ? report(stuck) : null);
	const mapping = bench.start({ parallelizationFactor: 10, batchSize: 1 });
	const others = ["b", "c", "d", "e"].map((item) => bench.source.put("s1", item, bench.clock.now()));
	await bench.turn();
	await bench.turn();
	const seen = others.filter((number) => countOf(number) === 1);
	expect(seen.length).toBeGreaterThanOrEqual(3);
	await mapping.drain();
	// Nothing behind the stuck record is forgotten: the shard's checkpoint stands before it.
	bench.answer = () => null;
	await bench.settle(bench.start({ parallelizationFactor: 10, batchSize: 1 }));
	expect(countOf(stuck)).toBeGreaterThan(1);
});

test("whatever fails, every record is seen, and each item's records first in order", async () => {
	const scenario = fc.record({
		items: fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 40 }),
		/** For each invocation in turn: what goes wrong, if anything. */
		faults: fc.array(fc.constantFrom("none", "throw", "whole", "middle", "unknown"), { maxLength: 30 }),
		batchSize: fc.integer({ min: 1, max: 12 }),
		parallelizationFactor: fc.integer({ min: 1, max: 4 }),
		bisectBatchOnFunctionError: fc.boolean(),
		maximumBatchingWindowInSeconds: fc.constantFrom(0, 1),
	});
	await fc.assert(
		fc.asyncProperty(scenario, async ({ items, faults, ...settings }) => {
			const each = createBench();
			each.source.addShard("s1");
			const pending = [...faults];
			const done = new Set<string>();
			each.answer = (numbers) => {
				const fault = pending.shift() ?? "none";
				if (fault === "throw") throw new Error("planted");
				if (fault === "whole") return report("");
				if (fault === "unknown") return report("no such number");
				const middle = fault === "middle" ? Math.floor(numbers.length / 2) : numbers.length;
				for (const number of numbers.slice(0, middle)) done.add(number);
				return fault === "middle" ? report(numbers[middle]) : null;
			};
			const mapping = each.start(settings);
			const written = items.map((item) => ({ item, number: each.source.put("s1", item, each.clock.now()) }));
			await each.settle(mapping);
			await each.remove();
			expect([...done].sort()).toEqual(written.map(({ number }) => number).sort());
			const firsts = [...new Set(each.invocations.flat())];
			for (const item of new Set(items)) {
				const own = written.filter((one) => one.item === item).map(({ number }) => number);
				expect(firsts.filter((number) => own.includes(number))).toEqual(own);
			}
		}),
		{ numRuns: 100 },
	);
});
