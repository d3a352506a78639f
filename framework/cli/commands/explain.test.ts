import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import type { Condition } from "../../contract/condition.ts";
import { compileFilters } from "../../plan/filters.ts";
import { parseArguments } from "../arguments.ts";
import type { Io } from "../command.ts";
import { explain } from "./explain.ts";

const condition: Condition = {
	events: ["INSERT", "MODIFY"],
	tests: [
		{ image: "new", path: ["status"], op: "equals", values: [{ S: "PAID" }] },
		{ image: "new", path: ["total"], op: "gte", value: { N: "100" } },
	],
	changed: [],
	any: [],
};

// The planner has tests of its own; here only what the command makes of a plan counts.
vi.mock("../project.ts", () => ({
	loadPlan: async () => ({
		environment: "local",
		pipelines: [
			{
				functions: [
					{
						id: "paid",
						source: { type: "kinesis", resource: "fan-out" },
						filters: compileFilters(condition, "kinesis").filters,
						manifest: {
							pipeline: "orders",
							role: "consumer",
							table: { keys: { partition: { name: "id", type: "S" }, sort: null } },
							consumers: [{ name: "paid", condition }],
						},
					},
				],
			},
		],
	}),
}));

const folder = mkdtempSync(join(tmpdir(), "explain-"));
afterAll(() => rmSync(folder, { recursive: true }));

function record(eventID: string, status: string, total: string) {
	const NewImage = { status: { S: status }, total: { N: total } };
	return {
		eventID,
		eventName: "INSERT",
		eventSource: "aws:dynamodb",
		dynamodb: { Keys: { id: { S: "1" } }, NewImage, SequenceNumber: "1" },
	};
}

async function runExplain(...tokens: string[]) {
	const out: string[] = [];
	const io = { stdout: (text: string) => out.push(text), cwd: folder, env: {} } as unknown as Io;
	const code = await explain.run(parseArguments(explain, tokens), io);
	return { code, text: out.join("") };
}

test("tells for each record whether it is selected, why not, and what the filter does", async () => {
	const stub = { claimCheck: { bucket: "b", key: "k" }, ...record("e4", "PAID", "1"), dynamodb: { Keys: {} } };
	const records = [record("e1", "PAID", "100.0"), record("e2", "PAID", "99"), record("e3", "NEW", "1"), stub, {}];
	const Records = records.map((each) => ({
		eventSource: "aws:kinesis",
		kinesis: { data: Buffer.from(JSON.stringify(each)).toString("base64"), sequenceNumber: "7" },
	}));
	writeFileSync(join(folder, "event.json"), JSON.stringify({ Records }));
	const { code, text } = await runExplain("orders", "--event", "event.json", "--format", "json");
	expect(code).toBe(0);
	const [consumer] = JSON.parse(text).consumers;
	expect(consumer.condition).toBe('event INSERT or MODIFY; new.status is "PAID"; new.total >= 100');
	expect(consumer.records).toMatchObject([
		{ eventID: "e1", selected: true, reason: null, passesFilter: true },
		{ eventID: "e2", selected: false, reason: "new.total >= 100 does not hold: it is a number", passesFilter: true },
		{ eventID: "e3", selected: false, passesFilter: false },
		{ eventID: "e4", selected: null, passesFilter: true },
		{ selected: false, reason: "The record is malformed: it has no eventID.", passesFilter: false },
	]);
});

test("shows filters and condition without an event", async () => {
	const { text } = await runExplain("orders");
	expect(text).toContain('selects  event INSERT or MODIFY; new.status is "PAID"; new.total >= 100');
	expect(text).toContain('"status":{"S":["PAID"]}');
	expect(text).toContain("note     new.total >= 100: it only asks for a value of this type");
});

test("refuses what is no event", async () => {
	writeFileSync(join(folder, "odd.json"), '{"records":[]}');
	await expect(runExplain("orders", "--event", "odd.json")).rejects.toThrow("it has no list `Records`");
});
