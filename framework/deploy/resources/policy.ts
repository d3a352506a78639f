import { all, type Input, type Output } from "@pulumi/pulumi";
import type { Statement, StatementResource } from "../../contract/statement.ts";
import type { Settings } from "../settings.ts";
import { keyArn } from "./table.ts";

/** The plan's statements of one function as IAM's policy document. `arnOf` gives what only the deployed resource knows. */
export function policyDocument(
	statements: readonly Statement[],
	arnOf: (resource: string) => Input<string>,
	settings: Settings,
): Output<string> {
	const resources = statements.flatMap((statement) => statement.resources);
	const unknown = [...new Set(resources.flatMap((each) => (isDeployed(each) ? [each.resource] : [])))];
	return all(unknown.map(arnOf)).apply((arns) => {
		const known = new Map(unknown.map((resource, index) => [resource, arns[index]]));
		const resolve = (resource: StatementResource) => {
			if (typeof resource === "string") return resource;
			return isDeployed(resource) ? known.get(resource.resource) : keyArn(settings, resource.kmsKey);
		};
		return JSON.stringify({ Version: "2012-10-17", Statement: statements.map((each) => allow(each, resolve)) });
	});
}

const isDeployed = (resource: StatementResource): resource is Extract<StatementResource, { resource: string }> =>
	typeof resource !== "string" && "resource" in resource;

function allow(
	{ sid, actions, resources, conditions }: Statement,
	resolve: (resource: StatementResource) => string | undefined,
) {
	return {
		Sid: sid,
		Effect: "Allow",
		Action: actions,
		Resource: resources.map(resolve),
		...(Object.keys(conditions).length > 0 && { Condition: conditions }),
	};
}
