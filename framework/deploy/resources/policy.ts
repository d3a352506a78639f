import { type Input, jsonStringify, type Output } from "@pulumi/pulumi";
import type { StatementResource } from "../../contract/statement.ts";
import type { PlannedFunction } from "../../plan/types.ts";
import type { Settings } from "../settings.ts";
import { keyArn } from "./table.ts";

type ArnOf = (resource: string) => Input<string>;

/** The plan's statements of one function as IAM's policy document. */
export function policyDocument({ statements }: PlannedFunction, arnOf: ArnOf, settings: Settings): Output<string> {
	const resolve = (resource: StatementResource): Input<string> => {
		if (typeof resource === "string") return resource;
		return "kmsKey" in resource ? keyArn(settings, resource.kmsKey) : arnOf(resource.resource);
	};
	return jsonStringify({
		Version: "2012-10-17",
		Statement: statements.map(({ sid, actions, resources, conditions }) => ({
			Sid: sid,
			Effect: "Allow",
			Action: actions,
			Resource: resources.map(resolve),
			...(Object.keys(conditions).length > 0 && { Condition: conditions }),
		})),
	});
}
