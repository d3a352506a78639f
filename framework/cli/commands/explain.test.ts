import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { deliverers } from "../../../consumers/deliverers.ts";
import { type Condition, ITEM_EVENTS } from "../../contract/condition.ts";
import type { AnyDeliverer, Outcome } from "../../contract/deliver.ts";
import { compileFilters } from "../../plan/filters.ts";
import type { Delivery } from "../../runtime/observer.ts";
import { consumerOf, manifestOf, runHandler } from "../../testing/run-handler.ts";
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

const paid = {
	id: "paid",
	source: { type: "kinesis", resource: "fan-out" },
	filters: compileFilters(condition, "kinesis").filters,
	manifest: manifestOf({ role: "consumer", consumers: [consumerOf("paid", { condition })] }),
};
let functions: object[] = [paid];
beforeEach(() => {
	functions = [paid];
});

// The planner has tests of its own; here only what the command makes of a plan counts.
vi.mock("../project.ts", () => ({
	loadPlan: async () => ({ environment: "local", pipelines: [{ functions }] }),
}));

interface Explained {
	consumer: string;
	records: { eventID: string; parked: boolean; selected: boolean | null; reason: string | null }[];
}

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
		{ selected: false, parked: false, reason: "The record is malformed: it has no eventID.", passesFilter: false },
	]);
});

const samples = fileURLToPath(new URL("../../../tests/events", import.meta.url));

test.each(readdirSync(samples).filter((name) => name.endsWith(".json")))(
	"%s: what it says is what the router does",
	async (name) => {
		const manifest = manifestOf({
			consumers: [null, condition, { ...condition, tests: [], events: [...ITEM_EVENTS] }].flatMap((asked, index) =>
				["item", "event"].map((content) =>
					consumerOf(`${content}-${index}`, { kind: "http", condition: asked, settings: { content } }),
				),
			),
		});
		functions = [{ id: "router", source: { type: "dynamodb" }, filters: [], manifest }];
		const { text } = await runExplain("orders", "--event", join(samples, name), "--format", "json");
		const delivered: Outcome = { status: "delivered" };
		const http: AnyDeliverer = {
			...deliverers.http,
			limits: () => ({ maxRecords: 9 }),
			deliver: async (changes) => changes.map(() => delivered),
		};
		// Each by itself: what stands behind a parked record of its item is parked as well.
		const { Records } = JSON.parse(readFileSync(join(samples, name), "utf8"));
		const done: Delivery[] = [];
		for (const each of Records) {
			const run = runHandler(manifest, { deliverers: { http } });
			await run.invoke({ Records: [each] });
			done.push(...run.deliveries);
		}
		const said = JSON.parse(text).consumers.flatMap((explained: Explained) =>
			explained.records.map((each) => {
				const outcome = each.parked ? "reject" : each.selected ? "delivered" : "skipped";
				return [explained.consumer, each.eventID, outcome, each.reason].join(" ");
			}),
		);
		const happened = done.map(({ consumer, eventID, outcome, reason }) =>
			[consumer, eventID, outcome, reason].join(" "),
		);
		expect(said.sort()).toEqual(happened.sort());
	},
);

test("a record that nobody can read is parked, in words", async () => {
	writeFileSync(join(folder, "bad.json"), JSON.stringify({ Records: [{ ...record("", "PAID", "1") }] }));
	functions = [{ ...paid, source: { type: "dynamodb" }, filters: [] }];
	const { text } = await runExplain("orders", "--event", "bad.json");
	expect(text).toMatch(/parked {8}passes the filter {2}The record is malformed: it has no eventID\.\n/);
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
