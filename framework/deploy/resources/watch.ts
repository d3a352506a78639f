import type { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import type { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import type { Input } from "@pulumi/pulumi";
import type { AlarmProperties, DashboardProperties } from "../../plan/types.ts";
import type { Component } from "../component.ts";

/** `mappingId` is the UUID of a function's mapping, by the function's id. */
export function makeAlarm(
	owner: Component,
	{ id, name }: { id: string; name: string },
	properties: AlarmProperties,
	mappingId: (functionId: string) => Input<string>,
): MetricAlarm {
	const { periodSeconds, description, topic, dimensions, ...same } = properties;
	const told = topic === null ? [] : [topic];
	return owner.make({
		type: "aws:cloudwatch/metricAlarm:MetricAlarm",
		id,
		name: `--${id}`,
		args: {
			name,
			...same,
			dimensions: Object.fromEntries(
				Object.entries(dimensions).map(([key, value]) => [
					key,
					typeof value === "string" ? value : mappingId(value.mapping),
				]),
			),
			period: periodSeconds,
			alarmDescription: description,
			alarmActions: told,
			okActions: told,
			tags: owner.tags(),
		},
	});
}

export function makeDashboard(owner: Component, id: string, name: string, { body }: DashboardProperties): Dashboard {
	return owner.make({
		type: "aws:cloudwatch/dashboard:Dashboard",
		id,
		name: `--${id}`,
		args: { dashboardName: name, dashboardBody: JSON.stringify(body) },
	});
}
