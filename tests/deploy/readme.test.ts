import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { captureDeployment, goldenPlan } from "./capture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** USD in us-east-1: AWS's price lists of Kinesis Data Streams (September 2026) and CloudWatch (August 2026). */
const SHARD_HOUR = 0.015;
const SHARD_HOUR_BEYOND_A_DAY = 0.02;
const ALARM_MONTH = 0.1;
const HOURS_A_MONTH = 730;

test("what the README says the shipped pipeline costs at rest is what its resources come to", async () => {
	const { graph } = await captureDeployment(goldenPlan("user-actions"));
	const inputsOf = (type: string) => graph.resources.flatMap((each) => (each.type === type ? [each.inputs] : []));
	const streams = inputsOf("aws:kinesis/stream:Stream").map(
		({ shardCount, retentionPeriod }) =>
			Number(shardCount) * (SHARD_HOUR + (Number(retentionPeriod) > 24 ? SHARD_HOUR_BEYOND_A_DAY : 0)),
	);
	const alarms = inputsOf("aws:cloudwatch/metricAlarm:MetricAlarm").length;
	const hour = streams.reduce((sum, each) => sum + each, 0) + (alarms * ALARM_MONTH) / HOURS_A_MONTH;
	const readme = readFileSync(`${root}/README.md`, "utf8");
	expect(readme).toContain(`costs about ${hour.toFixed(3)} USD an hour`);
	expect(readme).toContain(`${alarms} alarms ${((alarms * ALARM_MONTH) / HOURS_A_MONTH).toFixed(3)}`);
	for (const { billingMode } of inputsOf("aws:dynamodb/table:Table")) expect(billingMode).toBe("PAY_PER_REQUEST");
	for (const { reservedConcurrentExecutions, publish } of inputsOf("aws:lambda/function:Function"))
		expect([reservedConcurrentExecutions, publish]).toEqual([undefined, undefined]);
});
