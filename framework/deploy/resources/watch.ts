import type { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import type { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import type { AlarmProperties, DashboardProperties } from "../../plan/types.ts";
import type { Component } from "../component.ts";

export function makeAlarm(owner: Component, id: string, name: string, properties: AlarmProperties): MetricAlarm {
	const { periodSeconds, description, topic, ...same } = properties;
	const told = topic === null ? [] : [topic];
	return owner.make({
		type: "aws:cloudwatch/metricAlarm:MetricAlarm",
		id,
		name: `--${id}`,
		args: {
			name,
			...same,
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
