import { expect, test } from "vitest";
import { CONSUMER_METRICS } from "../contract/metrics.ts";
import { manifestOf } from "../testing/run-handler.ts";
import { createJsonObserver, isSampled } from "./json-observer.ts";
import { type Delivery, describeError, OwnError } from "./observer.ts";

const NOW = Date.parse("2026-11-24T09:30:00Z");

function observe(sampleRate = 0) {
	const lines: Record<string, unknown>[] = [];
	const observer = createJsonObserver(manifestOf({ logs: { sampleRate } }), {
		write: (line) => {
			expect(line).not.toContain("\n");
			lines.push(JSON.parse(line));
		},
		now: () => NOW,
	});
	observer.begin("r-1", false);
	return { observer, lines };
}

const delivery = (wish: Partial<Delivery>): Delivery => ({
	consumer: "crm",
	eventID: "e1",
	outcome: "delivered",
	reason: null,
	payload: "a payload",
	ageMilliseconds: 1500,
	refused: false,
	...wish,
});

test("counts what became of each record, per consumer, in CloudWatch's embedded metric format", () => {
	const { observer, lines } = observe();
	observer.skipped("crm", "e0", () => "not asked for");
	const outcomes = ["delivered", "deduplicated", "held"] as const;
	for (const outcome of outcomes) observer.delivery(delivery({ outcome }));
	observer.delivery(delivery({ consumer: "bi", ageMilliseconds: 5 }));
	observer.flush();
	expect(lines).toEqual([
		{
			_aws: {
				Timestamp: NOW,
				CloudWatchMetrics: [
					{
						Namespace: "Tributary",
						Dimensions: [["environment", "pipeline", "consumer"]],
						Metrics: Object.entries(CONSUMER_METRICS).map(([Name, Unit]) => ({ Name, Unit })),
					},
				],
			},
			environment: "test",
			pipeline: "orders",
			consumer: "crm",
			requestId: "r-1",
			received: 4,
			selected: 3,
			delivered: 1,
			deduplicated: 1,
			retried: 0,
			rejected: 0,
			parked: 0,
			held: 1,
			age: [1500],
		},
		expect.objectContaining({ consumer: "bi", received: 1, age: [5] }),
	]);
});

test("every metric that a line names is in it, with or without deliveries", () => {
	const { observer, lines } = observe();
	observer.delivery(delivery({ outcome: "held" }));
	observer.writer({
		calls: 2,
		refused: 1,
		unconfirmed: 0,
		claimChecks: 0,
		hotItemRecords: 7,
		hotItemTime: 90,
		hotItem: "ab12",
	});
	observer.flush();
	for (const line of lines) {
		const { CloudWatchMetrics } = line._aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
		for (const { Name } of CloudWatchMetrics[0]?.Metrics ?? []) expect(line).toHaveProperty(Name);
	}
	expect(lines).toMatchObject([{ consumer: "router", hotItemRecords: 7, hotItem: "ab12" }, { consumer: "crm" }]);
});

test("counts anew in each invocation", () => {
	const { observer, lines } = observe();
	observer.delivery(delivery({}));
	observer.flush();
	observer.begin("r-2", false);
	observer.flush();
	observer.delivery(delivery({}));
	observer.flush();
	expect(lines).toMatchObject([
		{ requestId: "r-1", delivered: 1 },
		{ requestId: "r-2", delivered: 1 },
	]);
});

test("a line takes 100 ages, from the least to the most", () => {
	const { observer, lines } = observe();
	for (let age = 1000; age > 0; age--) observer.delivery(delivery({ ageMilliseconds: age }));
	observer.flush();
	const ages = lines[0]?.age as number[];
	expect([ages.length, ages[0], ages[50], ages.at(-1)]).toEqual([100, 1, 506, 1000]);
});

test("a parked record is an error at once; failures of one kind are one warning that names the first", () => {
	const { observer, lines } = observe();
	observer.delivery(delivery({ outcome: "reject", reason: "bad", refused: true }));
	for (let index = 0; index < 30; index++)
		observer.delivery(delivery({ outcome: "retry", reason: "busy", eventID: `e${index}` }));
	observer.trouble("The table does not answer.");
	observer.flush();
	const own = { environment: "test", pipeline: "orders", function: "router", requestId: "r-1" };
	expect(lines.slice(0, 3)).toEqual([
		{
			timestamp: "2026-11-24T09:30:00.000Z",
			level: "ERROR",
			message: "parked",
			...own,
			consumer: "crm",
			eventID: "e1",
			reason: "bad",
		},
		{ timestamp: "2026-11-24T09:30:00.000Z", level: "ERROR", message: "The table does not answer.", ...own },
		{
			timestamp: "2026-11-24T09:30:00.000Z",
			level: "WARN",
			message: "retry",
			...own,
			consumer: "crm",
			reason: "busy",
			count: 30,
			eventIDs: Array.from({ length: 10 }, (_, index) => `e${index}`),
		},
	]);
	expect(lines[3]).toMatchObject({ retried: 30, rejected: 1, parked: 1 });
});

test("a sampled event is logged whatever becomes of it, without its payload; the same in every function", () => {
	const { observer, lines } = observe(1);
	observer.skipped("crm", "e1", () => "asked for event REMOVE");
	observer.delivery(delivery({}));
	expect(lines).toMatchObject([
		{ level: "DEBUG", message: "skipped", eventID: "e1", reason: "asked for event REMOVE" },
		{ level: "DEBUG", message: "delivered", eventID: "e1", ageMilliseconds: 1500 },
	]);
	expect(JSON.stringify(lines)).not.toContain("a payload");
	const ids = Array.from({ length: 20_000 }, (_, index) => `event-${index}`);
	const sampled = ids.filter((id) => isSampled(id, 0.01));
	expect(sampled.length).toBeGreaterThan(140);
	expect(sampled.length).toBeLessThan(260);
	expect(ids.filter((id) => isSampled(id, 0.02))).toEqual(expect.arrayContaining(sampled));
	expect(ids.filter((id) => isSampled(id, 0))).toEqual([]);
});

test("of a stranger's error its name, code and status are said, never its words", () => {
	const stranger = Object.assign(new Error("token=s3cr3t"), {
		name: "AccessDenied",
		$metadata: { httpStatusCode: 403 },
	});
	expect(describeError(stranger)).toBe("AccessDenied (403)");
	expect(describeError(Object.assign(new Error("s3cr3t"), { code: "ECONNRESET" }))).toBe("Error (ECONNRESET)");
	expect(describeError("s3cr3t")).toBe("a thrown string");
	expect(describeError(new OwnError("Kinesis answered 3 entries for 4 records."))).toContain("3 entries");
});
