import fc from "fast-check";
import { expect, test } from "vitest";
import { definitions as kinds } from "../../consumers/definitions.ts";
import { defineYaml, planYaml } from "../testing/compile-yaml.ts";
import { compilePlan } from "./compile.ts";
import { serializePlan } from "./serialize.ts";
import type { PipelinePlan, PlannedFunction } from "./types.ts";

const HEAD = `
tags: { b: "1", a: "2" }
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_AND_OLD_IMAGES }`;
const LOG = "kind: s3, with: { content: record, prefix: log }";

const yaml = (fanOut: string, ...consumers: string[]) =>
	`name: orders${HEAD}\nfanOut: ${fanOut}\nconsumers:\n${consumers.map((each) => `  - { ${each} }\n`).join("")}`;

function plan(text: string, environment?: string): PipelinePlan {
	const [pipeline] = planYaml("orders", text, environment).pipelines;
	if (!pipeline) throw new Error("no pipeline");
	return pipeline;
}

function find(pipeline: PipelinePlan, id: string): PlannedFunction {
	const planned = pipeline.functions.find((each) => each.id === id);
	if (!planned) throw new Error(`no function ${id}`);
	return planned;
}

/** Without the alarms, of which there are many. */
const made = ({ resources }: PipelinePlan): string[] =>
	resources.flatMap(({ type, id }) => (type === "AWS::CloudWatch::Alarm" ? [] : [id]));

/** What lets Athena ask the lake. */
const LAKE_DATABASE = [
	"lake-database",
	"lake-records",
	"lake-events",
	"lake-latest",
	"lake-changes",
	"lake-query-events-of-today",
	"lake-query-history-of-an-item",
	"lake-query-latest-items",
];

test("kinesis: lake and router read the table unfiltered, consumers read Kinesis from where they wish", () => {
	const pipeline = plan(
		yaml(
			"{ mode: kinesis, retentionHours: 48 }",
			`name: one, ${LOG}`,
			`name: two, ${LOG}, start: horizon, enhancedFanOut: true, when: { events: [REMOVE] }`,
			`name: three, ${LOG}, start: "2026-03-01T01:00:00+01:00"`,
		),
	);
	expect(pipeline.functions.map(({ id, role, source }) => [id, role, source.type, source.resource])).toEqual([
		["lake", "lake", "dynamodb", "table"],
		["router", "router", "dynamodb", "table"],
		["one", "consumer", "kinesis", "fan-out"],
		["two", "consumer", "kinesis", "reader-two"],
		["three", "consumer", "kinesis", "fan-out"],
	]);
	expect(made(pipeline)).toEqual(["table", "fan-out", "reader-two", ...LAKE_DATABASE, "dashboard"]);
	const starts = pipeline.functions.map(({ mapping }) => [mapping.startingPosition, mapping.startingPositionTimestamp]);
	expect(starts).toEqual([
		["TRIM_HORIZON", null],
		["TRIM_HORIZON", null],
		["AT_TIMESTAMP", "first-deployment"],
		["TRIM_HORIZON", null],
		["AT_TIMESTAMP", "2026-03-01T00:00:00.000Z"],
	]);
	expect(pipeline.functions.map(({ filters }) => filters.length > 0)).toEqual([false, false, false, true, false]);
	const { forward, lake } = find(pipeline, "router").manifest;
	expect(forward).toEqual({ stream: "tributary-prod-orders", maxRecordBytes: 1_048_576 });
	expect(lake).toBeNull();
	expect(find(pipeline, "lake").manifest.consumers).toEqual([]);
	expect(find(pipeline, "two").manifest.consumers.map(({ name }) => name)).toEqual(["two"]);
	expect(find(pipeline, "two").manifest.lake).toBeNull();
});

test("the backstop ends two hours before the source forgets, and never holds batches back", () => {
	const pipeline = plan(yaml("{ mode: kinesis, retentionHours: 48 }", `name: one, ${LOG}`));
	expect(find(pipeline, "lake").mapping.maximumRecordAgeInSeconds).toBe(79_200);
	expect(find(pipeline, "router").mapping.maximumRecordAgeInSeconds).toBe(79_200);
	expect(find(pipeline, "one").mapping).toMatchObject({
		maximumRecordAgeInSeconds: 46 * 3600,
		maximumRetryAttempts: 10_000,
		bisectBatchOnFunctionError: true,
		functionResponseTypes: ["ReportBatchItemFailures"],
		onFailure: { bucket: "tributary-prod-operations-${accountId}-${region}" },
	});
});

test("direct: one router serves all, with the least of their batches and the most of their sizes", () => {
	const pipeline = plan(
		yaml(
			"{ mode: direct, batchSize: 70, maxBatchingWindowSeconds: 9, parallelization: 5, memoryMb: 300 }",
			`name: one, ${LOG}, batchSize: 50, maxBatchingWindowSeconds: 3, parallelization: 4, timeoutSeconds: 90`,
			`name: two, kind: lambda, with: { functionName: f }, retry: { budgetSeconds: 200 }, batchSize: 60, maxBatchingWindowSeconds: 4, parallelization: 2, memoryMb: 512`,
		),
	);
	expect(pipeline.functions.map(({ id }) => id)).toEqual(["lake", "router"]);
	const router = find(pipeline, "router");
	expect(router).toMatchObject({
		consumers: ["one", "two"],
		kinds: ["lambda", "s3"],
		filters: [],
		memoryMb: 512,
		timeoutSeconds: 90,
		mapping: { batchSize: 50, maximumBatchingWindowInSeconds: 3, parallelizationFactor: 2 },
		manifest: { forward: null },
	});
	expect(pipeline.notes).toContain("The router's batchSize is 50, the least of fanOut 70, one 50, two 60.");
	expect(made(pipeline)).toEqual(["table", ...LAKE_DATABASE, "dashboard"]);
	const [one, two] = pipeline.guarantees;
	expect([one?.maxHoldSeconds, two?.maxHoldSeconds]).toEqual([200, 60]);
	expect([one?.retentionHours, two?.retentionHours]).toEqual([24, 24]);
});

test("who is alone in direct or has Kinesis is held by nobody", () => {
	expect(plan(yaml("direct", `name: one, ${LOG}`)).guarantees).toMatchObject([{ maxHoldSeconds: 0 }]);
	const two = plan(yaml("{ mode: kinesis, retentionHours: 48 }", `name: one, ${LOG}`, `name: two, ${LOG}`));
	expect(two.guarantees).toMatchObject([
		{ maxHoldSeconds: 0, retentionHours: 48 },
		{ maxHoldSeconds: 0, retentionHours: 48 },
	]);
});

test("who has deliveries remembered is promised fewer repeats", () => {
	const duplicatesOf = (more: string): string | undefined =>
		planYaml(
			"orders",
			`name: orders
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }
consumers: [{ name: crm, kind: s3${more} }]
`,
		).pipelines[0]?.guarantees[0]?.duplicates;
	expect(duplicatesOf("")).toContain("may repeat a batch of up to 100 records");
	expect(duplicatesOf(", deduplicationHours: 24")).toContain("remembered for 24 hours");
});

test("more than two shared readers are warned of; enhanced ones do not count", () => {
	const warnings = (count: number, enhanced: number) =>
		plan(
			yaml(
				"kinesis",
				...Array.from({ length: count }, (_, i) => `name: c${i}, ${LOG}, enhancedFanOut: ${i < enhanced}`),
			),
		).notes.filter((note) => note.startsWith("Warning"));
	expect(warnings(2, 0)).toEqual([]);
	expect(warnings(5, 3)).toEqual([]);
	expect(warnings(5, 0)[0]).toContain(
		"5 shared readers of the Kinesis stream divide 2 MB/s and 5 reads/s of each shard: 0.4 MB/s each",
	);
});

test("one reader left: the router has it, and the lake is the first consumer of Kinesis", () => {
	const adopted = yaml("{ mode: kinesis, retentionHours: 48 }", `name: one, ${LOG}`).replace(
		"table: {",
		"table: { existing: orders-eu, globalTable: true,",
	);
	const pipeline = plan(adopted);
	expect(pipeline.functions.map(({ id, source }) => [id, source.type, source.resource])).toEqual([
		["lake", "kinesis", "fan-out"],
		["router", "dynamodb", "table"],
		["one", "kinesis", "fan-out"],
	]);
	expect(find(pipeline, "lake")).toMatchObject({
		filters: [],
		mapping: { startingPosition: "TRIM_HORIZON", maximumRecordAgeInSeconds: 46 * 3600 },
	});
	expect(pipeline.notes[0]).toContain("one reader left");
	expect(pipeline.notes[1]).toContain("2 shared readers");
	expect(pipeline.resources[0]).toMatchObject({ name: "orders-eu", properties: { existing: true } });
	expect(find(pipeline, "one").manifest.table.name).toBe("orders-eu");
	// Nothing in the plan says what nobody asserted.
	expect(pipeline.resources[0]?.properties).not.toHaveProperty("billing");
	expect(plan(adopted, "local").resources[0]).toMatchObject({ name: "orders-eu", properties: { existing: false } });
});

test("concurrency that is reserved is the function's, and in direct the least that anyone asks for", () => {
	const reserved = (fanOut: string) =>
		plan(
			yaml(
				fanOut,
				`name: one, ${LOG}, reservedConcurrency: 3, parallelization: 2`,
				`name: two, ${LOG}, reservedConcurrency: 5`,
			),
		);
	const kinesis = reserved("{ mode: kinesis, shards: 2 }");
	expect(kinesis.functions.map(({ reservedConcurrency }) => reservedConcurrency)).toEqual([null, null, 3, 5]);
	expect(kinesis.notes).toContain(
		"Warning: one reserves 3 invocations but its mapping makes up to 4: Lambda throttles the rest, and their shards wait.",
	);
	expect(kinesis.notes.filter((note) => note.startsWith("Concurrency"))).toEqual([
		expect.stringContaining(
			"2 invocations for each shard of the table's stream, and 6 for the Kinesis stream's 2 shards.",
		),
	]);
	expect(find(reserved("direct"), "router").reservedConcurrency).toBe(3);
});

test("enhanced readers beyond what Kinesis makes at once, and beyond what every account has, are told of", () => {
	const notes = (count: number) =>
		plan(
			yaml(
				"{ mode: kinesis, capacity: on-demand }",
				...Array.from({ length: count }, (_, index) => `name: c${index}, ${LOG}, enhancedFanOut: true`),
			),
		).notes.filter((note) => note.includes("enhanced fan-out consumers"));
	expect(notes(5)).toEqual([]);
	expect(notes(6)).toHaveLength(1);
	expect(notes(21)[1]).toContain("on-demand Advantage");
});

test("what the environment shares is there once, with each pipeline's expirations", () => {
	const orders = defineYaml("orders", `${yaml("kinesis", `name: one, ${LOG}`)}lake: { retentionDays: 30 }\n`);
	const archive = defineYaml("archive", yaml("direct", `name: one, ${LOG}`).replace("orders", "archive"));
	const { resources, pipelines } = compilePlan([...orders, ...archive], "prod", kinds);
	expect(pipelines.map(({ name }) => name)).toEqual(["archive", "orders"]);
	expect(resources.map(({ id }) => id)).toEqual(["operations", "state", "lake", "athena", "exports"]);
	expect(resources.flatMap((each) => (each.type === "AWS::S3::Bucket" ? each.properties.expirations : []))).toEqual([
		{ prefix: "athena-results/", days: 7 },
		{ prefix: "claim-checks/orders/", days: 14 },
		{ prefix: "pipeline=orders/", days: 30 },
	]);
	const without = compilePlan(
		defineYaml(
			"orders",
			`${yaml("direct", "name: one, kind: lambda, with: { functionName: f }")}lake: { enabled: false }\n`,
		),
		"prod",
		kinds,
	);
	expect(without.resources.map(({ id }) => id)).toEqual(["operations", "state"]);
	expect(without.pipelines[0]?.functions.map(({ id }) => id)).toEqual(["router"]);
});

test("locally nothing outside is called, unless the local environment names it", () => {
	const text = yaml(
		"kinesis",
		"name: crm, kind: http, with: { url: 'https://crm.example.com/e', signingSecret: 'secretsmanager:crm' }",
	);
	const settings = (more: string, environment: string) =>
		find(plan(text + more, environment), "crm").manifest.consumers[0]?.settings;
	expect(settings("", "prod")).toMatchObject({ url: "https://crm.example.com/e" });
	expect(settings("", "local")).toMatchObject({ url: "${receiver}/orders/crm" });
	const named = 'environments: { local: { consumers: { crm: { with: { url: "http://127.0.0.1:9999/hook" } } } } }\n';
	expect(settings(named, "local")).toMatchObject({ url: "http://127.0.0.1:9999/hook" });
	expect(find(plan(text, "prod"), "crm").secrets).toEqual(["secretsmanager:crm"]);
});

test("the same definitions give the same bytes, whatever the order of keys and files", () => {
	const one = yaml(
		"kinesis",
		"name: hook, kind: http, when: { new: { status: [PAID, NEW] } }, with: { url: 'https://a.example', headers: { x: '1', a: '2' } }",
		`name: two, ${LOG}`,
	);
	const definitions = [...defineYaml("orders", one), ...defineYaml("bills", one.replace("orders", "bills"))];
	const expected = serializePlan(compilePlan(definitions, "prod", kinds));
	fc.assert(
		fc.property(fc.infiniteStream(fc.nat()), fc.boolean(), (numbers, reversed) => {
			const shuffled = shuffleKeys(definitions, () => numbers.next().value ?? 0);
			if (reversed) shuffled.reverse();
			expect(serializePlan(compilePlan(shuffled, "prod", kinds))).toBe(expected);
		}),
		{ numRuns: 30 },
	);
});

function shuffleKeys<T>(value: T, next: () => number): T {
	if (Array.isArray(value)) return value.map((member) => shuffleKeys(member, next)) as T;
	if (value === null || typeof value !== "object") return value;
	const entries = Object.entries(value).map(([key, member]) => ({ key, member, rank: next() }));
	entries.sort((a, b) => a.rank - b.rank);
	return Object.fromEntries(entries.map(({ key, member }) => [key, shuffleKeys(member, next)])) as T;
}
