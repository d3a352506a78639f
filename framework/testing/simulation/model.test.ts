import { expect, test } from "vitest";
import { createRig, type Rig } from "./model-rig.ts";

const report = (...identifiers: unknown[]) => ({
	batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});
const seen = (rig: Rig): number[] => [0, 1, 2, 3].map((id) => rig.batches.filter((batch) => batch.includes(id)).length);

test("batch of 3, the third failing, 3 attempts: it is seen 5 times, and the dump says 4", async () => {
	const rig = createRig({ writes: 3, settings: { maximumRetryAttempts: 3 } });
	rig.answer = (batch) => report(...(batch.includes(2) ? [rig.numberOf(2)] : []));
	await rig.settle();
	expect(seen(rig).slice(0, 3)).toEqual([1, 1, 5]);
	expect(rig.dumps).toHaveLength(1);
	expect(rig.dumps[0].requestContext).toMatchObject({ condition: "RetryAttemptsExhausted", approximateInvokeCount: 4 });
	expect(rig.dumps[0].responseContext).toMatchObject({ functionError: null });
});

test("several identifiers: from the lowest on everything comes back, what succeeded too", async () => {
	const rig = createRig({ writes: 4 });
	let first = true;
	rig.answer = () => {
		const answer = first ? report(rig.numberOf(3), rig.numberOf(1)) : null;
		first = false;
		return answer;
	};
	await rig.settle();
	expect(rig.batches).toEqual([
		[0, 1, 2, 3],
		[1, 2, 3],
	]);
});

test.each([
	["null", null],
	["an empty text", ""],
	["an empty list", []],
	["an empty object", {}],
	["no failures", report()],
	["failures null", { batchItemFailures: null }],
])("%s is success", async (_name, answer) => {
	const rig = createRig({ writes: 2 });
	rig.answer = () => answer;
	await rig.settle();
	expect(rig.batches).toEqual([[0, 1]]);
});

test.each([
	["an empty identifier", report("")],
	["a null identifier", report(null)],
	["another key", { batchItemFailures: [{ foo: 123 }] }],
	["a value that is not in the batch", report("123")],
])("%s is failure of the whole batch, n retries are n + 1 invocations", async (_name, answer) => {
	const rig = createRig({ writes: 2, settings: { maximumRetryAttempts: 2 } });
	rig.answer = () => answer;
	await rig.settle();
	expect(rig.batches).toEqual([
		[0, 1],
		[0, 1],
		[0, 1],
	]);
});

test("a function error bisects, and splitting uses up no retry", async () => {
	const rig = createRig({ writes: 4, settings: { maximumRetryAttempts: 1, bisectBatchOnFunctionError: true } });
	rig.answer = (batch) => {
		if (batch.includes(2)) throw new Error("no");
	};
	await rig.settle();
	expect(rig.batches).toEqual([[0, 1, 2, 3], [0, 1], [2, 3], [2], [2], [3]]);
	expect(rig.dumps[0].responseContext.functionError).toBe("Unhandled");
});

test("throttling uses up no retry; age does pass, and its dump has no response", async () => {
	const rig = createRig({ writes: 1, settings: { maximumRetryAttempts: 0, maximumRecordAgeInSeconds: 60 } });
	rig.throttledUntil = 50_000;
	await rig.settle();
	expect(rig.batches).toEqual([[0]]);
	const late = createRig({ writes: 1, settings: { maximumRetryAttempts: 0, maximumRecordAgeInSeconds: 60 } });
	late.throttledUntil = 70_000;
	await late.settle();
	expect(late.batches).toEqual([]);
	expect(late.dumps[0].requestContext.condition).toBe("RecordAgeExceeded");
	expect(late.dumps[0]).not.toHaveProperty("responseContext");
});

test("parents are drained before children, and the stream forgets after a day without a word", async () => {
	const rig = createRig({ writes: 3 });
	rig.split();
	rig.write(1);
	await rig.settle();
	expect(rig.batches.flat()).toEqual([0, 1, 2, 3]);
	const old = createRig({ writes: 3 });
	await old.pass(25 * 3_600_000);
	old.write(1);
	await old.settle();
	expect(old.batches).toEqual([[3]]);
	expect(old.dumps).toEqual([]);
});
