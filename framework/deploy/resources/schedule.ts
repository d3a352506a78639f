import type { Role } from "@pulumi/aws/iam/role.js";
import type { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import type { Schedule } from "@pulumi/aws/scheduler/schedule.js";
import type { ScheduleProperties } from "../../plan/types.ts";
import type { Component } from "../component.ts";
import { policyDocument } from "./policy.ts";

/** Invokes a function again and again, with a role that may do that alone. */
export function makeSchedule(
	owner: Component,
	{ id, name, why }: { id: string; name: string; why: string },
	properties: ScheduleProperties,
	lambda: LambdaFunction,
): Schedule {
	const role = makeRole(owner, { id, name, why });
	const policy = owner.make({
		type: "aws:iam/rolePolicy:RolePolicy",
		id,
		name: `--${id}-policy`,
		args: {
			name: "tributary",
			role: role.name,
			policy: policyDocument(properties.statements, noResource, owner.settings),
		},
	});
	const { everyMinutes, event } = properties;
	return owner.make({
		type: "aws:scheduler/schedule:Schedule",
		id,
		name: `--${id}`,
		args: {
			name,
			description: why,
			scheduleExpression: `rate(${everyMinutes} ${everyMinutes === 1 ? "minute" : "minutes"})`,
			flexibleTimeWindow: { mode: "OFF" },
			target: {
				arn: lambda.arn,
				roleArn: role.arn,
				input: JSON.stringify(event),
				// The next one comes soon enough, and is for its own time.
				retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
			},
		},
		// The scheduler tries the role when the schedule is made.
		options: { dependsOn: [policy] },
	});
}

/** EventBridge Scheduler alone, for schedules of this account (EventBridge Scheduler user guide, "Confused deputy prevention"). */
function makeRole(owner: Component, { id, name, why }: { id: string; name: string; why: string }): Role {
	const condition = { StringEquals: { "aws:SourceAccount": owner.settings.accountId } };
	const trust = { Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" };
	return owner.make({
		type: "aws:iam/role:Role",
		id,
		name: `--${id}-role`,
		args: {
			name,
			description: why,
			assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [{ ...trust, Condition: condition }] }),
			tags: owner.tags(),
		},
	});
}

function noResource(resource: string): never {
	throw new Error(`a schedule's role has no permission on ${resource}`);
}
