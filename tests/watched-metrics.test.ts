import { expect, test } from "vitest";
import { METRIC_NAMESPACE } from "../framework/contract/metrics.ts";
import { createJsonObserver } from "../framework/runtime/json-observer.ts";
import { planYaml } from "../framework/testing/compile-yaml.ts";

const YAML = `name: orders
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }
consumers: [{ name: crm, kind: s3, with: { content: record } }]`;

interface Line {
	_aws?: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
	[member: string]: unknown;
}

test("the alarm on dead letters watches what a function writes when it parks", () => {
	const [pipeline] = planYaml("orders", YAML).pipelines;
	const alarm = pipeline?.resources.find(({ id }) => id === "alarm-crm-dead-letters");
	const manifest = pipeline?.functions.find(({ id }) => id === "crm")?.manifest;
	if (alarm?.type !== "AWS::CloudWatch::Alarm" || !manifest) throw new Error("no alarm");
	const { metricName, dimensions } = alarm.properties;

	const lines: Line[] = [];
	const observer = createJsonObserver(manifest, { write: (line) => lines.push(JSON.parse(line)), now: () => 0 });
	observer.begin("request", false);
	observer.delivery({
		consumer: "crm",
		eventID: "1",
		outcome: "reject",
		reason: "refused",
		payload: null,
		ageMilliseconds: 1,
		refused: true,
	});
	observer.flush();

	const [metrics] = lines.filter(({ _aws }) => _aws !== undefined);
	const [directive] = metrics?._aws?.CloudWatchMetrics ?? [];
	expect(directive?.Namespace).toBe(METRIC_NAMESPACE);
	expect(directive?.Metrics.map(({ Name }) => Name)).toContain(metricName);
	// CloudWatch keeps a metric for exactly this set of dimensions.
	expect(directive?.Dimensions.map((names) => [...names].sort())).toEqual([Object.keys(dimensions).sort()]);
	expect(metrics).toMatchObject({ ...dimensions, [metricName]: 1 });
});
