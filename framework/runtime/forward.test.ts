import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RecordWish, streamEvent, streamRecord } from "../testing/factories.ts";
import { manifestOf, runHandler } from "../testing/run-handler.ts";
import { hashKeys } from "./key-hash.ts";
import { SETTLING_MILLISECONDS } from "./put-queue.ts";

const forwarding = manifestOf({ forward: { stream: "orders-fan-out", maxRecordBytes: 1_048_576 } });

interface PutInput {
	StreamName: string;
	Records: { PartitionKey: string; Data: Uint8Array }[];
}

type Command = { constructor: { name: string }; input: never };

/** A stream that refuses entries as told, and what it accepted, in order. */
function fakeStream(refuses: () => boolean) {
	const accepted: { partitionKey: string; data: string }[] = [];
	const calls: PutInput[] = [];
	const aws = (command: Command): unknown => {
		if (command.constructor.name !== "PutRecordsCommand") return {};
		const input = command.input as PutInput;
		calls.push(input);
		const Records = input.Records.map(({ PartitionKey, Data }) => {
			if (refuses()) return { ErrorCode: "ProvisionedThroughputExceededException" };
			accepted.push({ partitionKey: PartitionKey, data: Buffer.from(Data).toString() });
			return { SequenceNumber: "1" };
		});
		return { FailedRecordCount: Records.filter((entry) => "ErrorCode" in entry).length, Records };
	};
	return { aws, accepted, calls };
}

const numbered = (items: readonly string[]): RecordWish[] => items.map((item, index) => ({ item, number: index + 1 }));

test("through any partial failures every record arrives once, in its item's order, one of an item a call", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 }),
			fc.infiniteStream(fc.boolean()),
			async (items, chances) => {
				let refusals = 0;
				const stream = fakeStream(() => refusals < 60 && Boolean(chances.next().value) && ++refusals > 0);
				const run = runHandler(forwarding, { aws: stream.aws });
				const event = streamEvent(numbered(items));
				expect(await run.invoke(event, 10 * 60_000)).toEqual({ batchItemFailures: [] });
				const byItem = (texts: readonly string[]) =>
					Map.groupBy(texts, (text) => JSON.parse(text).dynamodb.Keys.orderId.S as string);
				expect(byItem(stream.accepted.map(({ data }) => data))).toEqual(
					byItem(event.Records.map((record) => JSON.stringify(record))),
				);
				for (const { Records } of stream.calls)
					expect(new Set(Records.map(({ PartitionKey }) => PartitionKey)).size).toBe(Records.length);
			},
		),
		{ numRuns: 100 },
	);
});

test("a call holds at most 500 records and 10 MiB, keys included", async () => {
	const stream = fakeStream(() => false);
	const wishes = Array.from(
		{ length: 1100 },
		(_, index): RecordWish => ({
			item: `item-${index}`,
			newImage: { orderId: { S: `item-${index}` }, text: { S: "x".repeat(index < 40 ? 600_000 : 10) } },
		}),
	);
	await runHandler(forwarding, { aws: stream.aws }).invoke(streamEvent(wishes));
	expect(stream.accepted).toHaveLength(1100);
	for (const { Records, StreamName } of stream.calls) {
		expect(StreamName).toBe("orders-fan-out");
		expect(Records.length).toBeLessThanOrEqual(500);
		const bytes = Records.reduce((sum, { Data, PartitionKey }) => sum + Data.length + PartitionKey.length, 0);
		expect(bytes).toBeLessThanOrEqual(10 * 1_048_576);
	}
});

test("a throttled item does not hold another, and the deadline ends the attempts", async () => {
	const refused = streamRecord({ item: "a", number: 1 });
	const stream = fakeStream(() => false);
	const run = runHandler(forwarding, {
		aws(command) {
			const input = command.input as PutInput;
			const answer = stream.aws(command) as { Records: object[] };
			return {
				Records: answer.Records.map((entry, index) =>
					Buffer.from(input.Records[index]?.Data ?? []).includes(refused.eventID)
						? { ErrorCode: "InternalFailure" }
						: entry,
				),
			};
		},
	});
	const answer = await run.invoke(streamEvent(numbered(["a", "b", "a", "b"])), 20_000);
	expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: refused.dynamodb.SequenceNumber }] });
	expect(run.deliveries.map(({ outcome }) => outcome).sort()).toEqual(["delivered", "delivered", "retry", "retry"]);
	expect(stream.accepted.some(({ data }) => data.includes(streamRecord({ item: "a", number: 3 }).eventID))).toBe(false);
});

const named = (name: string, httpStatusCode?: number): Error =>
	Object.assign(new Error("a stranger's words"), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });

describe("a call that fails whole", () => {
	test("ends the invocation when the refusal lasts: nothing of it is acknowledged, and nobody's words are repeated", async () => {
		let calls = 0;
		const run = runHandler(forwarding, {
			aws() {
				calls += 1;
				throw named("ResourceNotFoundException", 400);
			},
		});
		expect((await run.invoke(streamEvent(numbered(["a"])))).batchItemFailures).toHaveLength(1);
		expect([calls, run.deliveries[0]?.reason]).toEqual([1, "ResourceNotFoundException (400)"]);
	});

	test.each([
		["is throttled", named("ProvisionedThroughputExceededException", 400)],
		["meets a server error", named("InternalFailure", 500)],
		["gets no answer", named("ECONNRESET")],
	])("is repeated when it %s", async (_why, error) => {
		const stream = fakeStream(() => false);
		let failures = 3;
		const aws = (command: Command): unknown => {
			if (failures-- > 0) throw error;
			return stream.aws(command);
		};
		const run = runHandler(forwarding, { aws });
		expect(await run.invoke(streamEvent(numbered(["a", "b", "a"])))).toEqual({ batchItemFailures: [] });
		expect(stream.accepted).toHaveLength(3);
	});

	test("is not followed by a later record of its items before it has landed or never will", async () => {
		const stream = fakeStream(() => false);
		const landed: [number, string][] = [];
		let late: Command | null = null;
		const run = runHandler(forwarding, {
			aws(command) {
				if (late === null) {
					late = command;
					throw named("TimeoutError");
				}
				for (const { Data } of (command.input as PutInput).Records)
					landed.push([run.deps.now(), JSON.parse(Buffer.from(Data).toString()).eventID]);
				return stream.aws(command);
			},
		});
		const start = run.deps.now();
		const [a1, a2, b1] = numbered(["a", "a", "b"]).map((wish) => streamRecord(wish).eventID) as [
			string,
			string,
			string,
		];
		expect(await run.invoke(streamEvent(numbered(["a", "a", "b"])))).toEqual({ batchItemFailures: [] });
		const at = (eventID: string): number => (landed.find(([, id]) => id === eventID)?.[0] ?? 0) - start;
		// The records themselves are put again soon: a repeat of one before its successor does no harm.
		expect(Math.max(at(a1), at(b1))).toBeLessThan(SETTLING_MILLISECONDS);
		expect(at(a2)).toBeGreaterThanOrEqual(SETTLING_MILLISECONDS);
		expect(run.writerReports).toMatchObject([{ unconfirmed: 1, hotItemRecords: 2 }]);
	});

	test("is waited for before the answer: the next invocation knows nothing of it", async () => {
		const run = runHandler(forwarding, {
			aws() {
				throw named("TimeoutError");
			},
		});
		const start = run.deps.now();
		await run.invoke(streamEvent(numbered(["a"])), 30_000);
		expect(run.deps.now() - start).toBeGreaterThan(25_000);
		expect(run.deps.now() - start).toBeLessThan(30_000);
	});

	test("does not begin where it could not be waited for", async () => {
		let lost = 0;
		const run = runHandler(forwarding, {
			aws() {
				run.advance(2500);
				lost = run.deps.now();
				throw named("TimeoutError");
			},
		});
		const start = run.deps.now();
		await run.invoke(streamEvent(numbered(["a"])), 26_000);
		expect(lost - start).toBeGreaterThan(15_000);
		expect(run.deps.now() - lost).toBeGreaterThanOrEqual(SETTLING_MILLISECONDS);
	});
});

test("calls of different items go side by side, and the next record of an item waits for its own call alone", async () => {
	const open: { keys: string[]; answer: () => void }[] = [];
	const run = runHandler(forwarding, {
		aws: (command) =>
			new Promise((resolve) => {
				const { Records } = command.input as PutInput;
				const answer = () => resolve({ Records: Records.map(() => ({ SequenceNumber: "1" })) });
				open.push({ keys: Records.map(({ PartitionKey }) => PartitionKey), answer });
			}),
	});
	const items = Array.from({ length: 1200 }, (_, index) => `item-${index}`);
	const response = run.invoke(streamEvent(numbered([...items, "item-0", "item-1199"])));
	await turn();
	expect(open.map(({ keys }) => keys.length)).toEqual([500, 500, 200]);
	open[2]?.answer();
	await turn();
	expect(open.slice(3).map(({ keys }) => keys)).toEqual([[open[2]?.keys.at(-1)]]);
	for (let index = 0; index < open.length; index++) {
		open[index]?.answer();
		await turn();
	}
	expect(open.slice(4).map(({ keys }) => keys)).toEqual([[open[0]?.keys[0]]]);
	expect(await response).toEqual({ batchItemFailures: [] });
});

test("what the writer did is told, with the item that had the most records", async () => {
	let refusals = 1;
	const stream = fakeStream(() => refusals-- > 0);
	const run = runHandler(forwarding, { aws: stream.aws });
	await run.invoke(streamEvent(numbered(["a", "b", "b", "b"])));
	const hotItem = hashKeys(streamRecord({ item: "b" }).dynamodb.Keys);
	expect(run.writerReports).toMatchObject([{ calls: 3, refused: 1, unconfirmed: 0, hotItemRecords: 3, hotItem }]);
	await run.invoke(streamEvent(numbered(["a", "b"])));
	expect(run.writerReports[1]).toMatchObject({ calls: 1, hotItemRecords: 0, hotItem: null });
});

test("what is too large is claim-checked, and a consumer gets it whole", async () => {
	const stored = new Map<string, string>();
	const stream = fakeStream(() => false);
	const aws = (command: Command): unknown => {
		const { Key, Body } = command.input as { Key: string; Body: string };
		if (command.constructor.name === "PutObjectCommand") return stored.set(Key, Body);
		if (command.constructor.name === "GetObjectCommand")
			return { Body: { transformToString: async () => stored.get(Key) } };
		return stream.aws(command);
	};
	const manifest = manifestOf({ forward: { stream: "s", maxRecordBytes: 600 } });
	const record = streamRecord({ item: "a", newImage: { orderId: { S: "a" }, text: { S: "x".repeat(600) } } });
	await runHandler(manifest, { aws }).invoke({ Records: [record, streamRecord({ item: "a", number: 2 })] });
	const key = `claim-checks/orders/${record.eventID}.json`;
	expect([...stored.keys()]).toEqual([key]);
	const [stub, small] = stream.accepted.map(({ data }) => JSON.parse(data));
	const { NewImage: _, ...change } = record.dynamodb;
	expect(stub).toEqual({ ...record, dynamodb: change, claimCheck: { bucket: "operations", key } });
	expect(small.eventID).toBe(streamRecord({ item: "a", number: 2 }).eventID);

	const kinesis = { data: Buffer.from(JSON.stringify(stub)).toString("base64"), sequenceNumber: "7" };
	const lake = manifestOf({ role: "lake", lake: { bucket: "lake", compression: "gzip" } });
	const lines: Buffer[] = [];
	await runHandler(lake, {
		aws: (command) =>
			command.constructor.name === "PutObjectCommand"
				? lines.push((command.input as { Body: Buffer }).Body)
				: aws(command),
	}).invoke({ Records: [{ eventSource: "aws:kinesis", kinesis }] });
	const { gunzipSync } = await import("node:zlib");
	expect(JSON.parse(gunzipSync(lines[0] ?? Buffer.alloc(0)).toString())).toEqual(record);
});

test("a claim check that cannot be stored holds its item alone", async () => {
	const stream = fakeStream(() => false);
	const aws = (command: Command): unknown => {
		if (command.constructor.name === "PutObjectCommand") throw new Error("SlowDown");
		return stream.aws(command);
	};
	const large = { item: "a", number: 2, newImage: { orderId: { S: "a" }, text: { S: "x".repeat(2000) } } };
	const run = runHandler(manifestOf({ forward: { stream: "s", maxRecordBytes: 1500 } }), { aws });
	const event = streamEvent([{ item: "a" }, large, { item: "a", number: 3 }, { item: "b" }]);
	expect(await run.invoke(event)).toEqual({
		batchItemFailures: [{ itemIdentifier: event.Records[1]?.dynamodb.SequenceNumber }],
	});
	expect(stream.accepted.map(({ data }) => JSON.parse(data).eventID)).toEqual(
		[0, 3].map((index) => event.Records[index]?.eventID),
	);
	const reason = `Claim check of ${event.Records[1]?.eventID} cannot be stored: Error`;
	expect(run.deliveries.filter(({ outcome }) => outcome === "retry").map((each) => each.reason)).toEqual([
		reason,
		reason,
	]);
	expect(run.writerReports).toMatchObject([{ claimChecks: 0 }]);
});

test("while a claim check is being stored the records of other items go", async () => {
	const stream = fakeStream(() => false);
	let store = (): void => {};
	const aws = (command: Command): unknown =>
		command.constructor.name === "PutObjectCommand"
			? new Promise<object>((resolve) => {
					store = () => resolve({});
				})
			: stream.aws(command);
	const large = { item: "a", newImage: { orderId: { S: "a" }, text: { S: "x".repeat(2000) } } };
	const run = runHandler(manifestOf({ forward: { stream: "s", maxRecordBytes: 1500 } }), { aws });
	const event = streamEvent([large, { item: "a", number: 2 }, { item: "b" }, { item: "c" }]);
	const put = (): unknown[] => stream.calls.map(({ Records }) => Records.map(({ PartitionKey }) => PartitionKey));
	const [a, b, c] = ["a", "b", "c"].map((item) => hashKeys(streamRecord({ item }).dynamodb.Keys));
	const response = run.invoke(event);
	await turn();
	expect(put()).toEqual([[b, c]]);
	store();
	expect(await response).toEqual({ batchItemFailures: [] });
	expect(put()).toEqual([[b, c], [a], [a]]);
	expect(run.writerReports).toMatchObject([{ calls: 3, claimChecks: 1 }]);
});

test("a malformed record is forwarded as it is", async () => {
	const stream = fakeStream(() => false);
	await runHandler(forwarding, { aws: stream.aws }).invoke({ Records: [{ nonsense: true }, null] });
	expect(stream.accepted.map(({ data }) => data)).toEqual(['{"nonsense":true}', "null"]);
});
