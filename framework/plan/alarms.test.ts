import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONSUMER_METRICS, METRIC_DIMENSIONS } from "../contract/metrics.ts";
import { planYaml } from "../testing/compile-yaml.ts";
import type { AlarmProperties, PipelinePlan } from "./types.ts";

const TABLE = "table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE, ttl: gone }";
const LOG = "kind: s3, with: { content: record }";

function plan(text: string, environment?: string): PipelinePlan {
	const [pipeline] = planYaml("orders", `name: orders\nowner: shop\n${TABLE}\n${text}`, environment).pipelines;
	if (!pipeline) throw new Error("no pipeline");
	return pipeline;
}

const alarms = ({ resources }: PipelinePlan): Record<string, AlarmProperties> =>
	Object.fromEntries(
		resources.flatMap(({ id, type, properties }) => (type === "AWS::CloudWatch::Alarm" ? [[id, properties]] : [])),
	);

const ONE = `consumers: [{ name: one, ${LOG} }]`;

test("each function is watched, and each consumer's dead letters", () => {
	expect(Object.keys(alarms(plan(ONE)))).toEqual([
		...["lake", "router", "one"].flatMap((id) =>
			["iterator-age", "errors", "throttles", "failure-dumps"].map((watched) => `alarm-${id}-${watched}`),
		),
		"alarm-one-dead-letters",
	]);
	const direct = alarms(plan(`fanOut: direct\nconsumers: [{ name: one, ${LOG} }, { name: two, ${LOG} }]`));
	expect(Object.keys(direct).filter((id) => id.endsWith("dead-letters"))).toEqual([
		"alarm-one-dead-letters",
		"alarm-two-dead-letters",
	]);
});

test("what is redriven by itself and given up has an alarm of its own, where it is asked for", () => {
	const consumers = `consumers: [{ name: one, redrive: auto, ${LOG} }, { name: two, ${LOG} }]`;
	for (const fanOut of ["direct", "kinesis"]) {
		const found = alarms(plan(`fanOut: ${fanOut}\n${consumers}`));
		expect(Object.keys(found).filter((id) => id.endsWith("-redrive"))).toEqual(["alarm-one-redrive"]);
		const dimensions = { environment: "prod", pipeline: "orders", consumer: "one" };
		expect(found["alarm-one-redrive"]).toMatchObject({ metricName: "redriveGivenUp", dimensions });
	}
});

test("the age's limit is a share of what the function's own source keeps", () => {
	const found = alarms(
		plan(`fanOut: { mode: kinesis, retentionHours: 100 }\nalarms: { iteratorAgePercent: 10 }\n${ONE}`),
	);
	expect(found["alarm-lake-iterator-age"]?.threshold).toBe(2.4 * 3_600_000);
	expect(found["alarm-one-iterator-age"]?.threshold).toBe(10 * 3_600_000);
	expect(found["alarm-one-iterator-age"]?.dimensions).toEqual({ FunctionName: "tributary-prod-orders--one" });
});

test("whoever is woken reads what it means, whose it is and where to read on", () => {
	const topic = "arn:aws:sns:eu-west-1:123456789012:on-call";
	const found = alarms(plan(`alarms: { topic: "${topic}", runbook: "https://wiki.example.com/streams" }\n${ONE}`));
	expect(found["alarm-one-dead-letters"]).toMatchObject({
		description:
			"orders (prod): one did not take records; they are parked, and later ones of their items behind them. Owner: shop. Runbook: https://wiki.example.com/streams#dead-letters",
		topic,
	});
	expect(alarms(plan(ONE))["alarm-lake-errors"]?.description).toMatch(/Runbook: docs\/runbook\.md#errors$/);
	expect(alarms(plan(ONE))["alarm-lake-errors"]?.topic).toBeNull();
	// CloudWatch API reference, PutMetricAlarm: 1,024 characters.
	const longest = planYaml(
		"a".repeat(40),
		`name: ${"a".repeat(40)}\nowner: ${"b".repeat(256)}\n${TABLE}\nalarms: { runbook: "https://${"c".repeat(292)}" }\nconsumers: [{ name: ${"d".repeat(40)}, ${LOG} }]`,
	).pipelines[0];
	if (!longest) throw new Error("no pipeline");
	for (const { description } of Object.values(alarms(longest))) expect(description.length).toBeLessThan(1024);
});

test("metrics of the runtime are named as it names them", () => {
	const letters = alarms(plan(ONE))["alarm-one-dead-letters"];
	expect(Object.keys(CONSUMER_METRICS)).toContain(letters?.metricName);
	expect(Object.keys(letters?.dimensions ?? {}).sort()).toEqual([...METRIC_DIMENSIONS].sort());
	const body = JSON.stringify(plan(ONE).resources.find(({ id }) => id === "dashboard")?.properties);
	for (const metric of Object.keys(CONSUMER_METRICS)) expect(body).toContain(`"Tributary","${metric}"`);
});

test("what the backstop gave up is counted by the mapping, which is told to", () => {
	const watched = plan(ONE);
	expect(alarms(watched)["alarm-router-failure-dumps"]?.dimensions).toEqual({
		EventSourceMappingUUID: { mapping: "router" },
	});
	for (const { mapping } of watched.functions) expect(mapping.metricsConfig).toEqual({ metrics: ["EventCount"] });
});

test("without alarms nothing is counted for them, and the dashboard stays; locally there is nothing to watch with", () => {
	const silent = plan(`alarms: { enabled: false }\n${ONE}`);
	expect(alarms(silent)).toEqual({});
	for (const { mapping } of silent.functions) expect(mapping.metricsConfig).toEqual({ metrics: [] });
	expect(silent.resources.at(-1)?.id).toBe("dashboard");
	expect(plan(ONE, "local").resources.map(({ id }) => id)).toEqual(["table", "fan-out"]);
});

test("a dashboard keeps CloudWatch's limits however many consumers there are", () => {
	const many = Array.from({ length: 40 }, (_, index) => `{ name: c${index}, ${LOG} }`);
	const dashboard = plan(`consumers: [${many.join(", ")}]`).resources.at(-1);
	if (dashboard?.type !== "AWS::CloudWatch::Dashboard") throw new Error("no dashboard");
	const body = dashboard.properties.body as {
		widgets: { width: number; properties: { alarms?: string[]; metrics?: unknown[] } }[];
	};
	// CloudWatch user guide, "Service quotas": widgets of a dashboard, metrics of a widget; alarms of an alarm widget.
	expect(body.widgets.length).toBeLessThanOrEqual(500);
	for (const { width, properties } of body.widgets) {
		expect(width).toBeLessThanOrEqual(24);
		expect(properties.metrics?.length ?? 0).toBeLessThanOrEqual(500);
		expect(properties.alarms?.length ?? 0).toBeLessThanOrEqual(100);
	}
	expect(body.widgets.flatMap(({ properties }) => properties.alarms ?? [])).toHaveLength(42 * 4 + 40);
});

test("the dashboard marks the ages at which alarms go off", () => {
	const watched = plan(`fanOut: { mode: kinesis, retentionHours: 100 }\nalarms: { iteratorAgePercent: 33 }\n${ONE}`);
	const limits = Object.values(alarms(watched)).flatMap(({ metricName, threshold }) =>
		metricName === "IteratorAge" ? [threshold] : [],
	);
	const body = JSON.stringify(watched.resources.find(({ id }) => id === "dashboard")?.properties);
	for (const limit of limits) expect(body).toContain(`"value":${limit}`);
});

test("the runbook has a section for each alarm", () => {
	const headings = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8").match(/^## .+$/gm) ?? [];
	const every = plan(`consumers: [{ name: one, redrive: auto, ${LOG} }]`);
	const sections = Object.values(alarms(every)).map(({ description }) => description.split("#").at(-1));
	expect(headings.map((heading) => heading.slice(3)).sort()).toEqual([...new Set(sections)].sort());
});
