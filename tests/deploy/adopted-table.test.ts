import { expect, test } from "vitest";
import { resourceOf } from "../../framework/testing/pulumi/graph.ts";
import { captureDeployment, goldenPlan } from "./capture.ts";

const ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/profiles-eu";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/9f1c2c1e-0000-4000-8000-000000000000";

test("an adopted table is read and not made; its key is the readers' to use", async () => {
	const tables = new Map([["profiles-eu", { arn: ARN, streamArn: `${ARN}/stream/label`, kmsKeyArn: KEY }]]);
	const plan = goldenPlan("profiles");
	const { graph } = await captureDeployment(plan, { settings: { tables } });
	const made = graph.resources.filter(({ type }) => type === "aws:dynamodb/table:Table");
	expect(made.map(({ name }) => name)).toEqual(["environment--state"]);

	const statementsOf = (name: string) =>
		JSON.parse(String(resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", name).inputs.policy)).Statement;
	const readers = plan.pipelines[0]?.functions.filter(({ source }) => source.type === "dynamodb") ?? [];
	expect(readers.map(({ id }) => id)).toEqual(["router"]);
	expect(statementsOf("profiles--router-policy")).toContainEqual({
		Sid: "DecryptAdoptedTable",
		Effect: "Allow",
		Action: ["kms:Decrypt"],
		Resource: [KEY],
	});
	expect(JSON.stringify(statementsOf("profiles--lake-policy"))).not.toContain("kms:");
	expect(
		resourceOf(graph, "aws:lambda/eventSourceMapping:EventSourceMapping", "profiles--router-mapping").inputs
			.eventSourceArn,
	).toBe(`${ARN}/stream/label`);
	expect(graph.outputs.pipelines).toMatchObject({ profiles: { table: { name: "profiles-eu", arn: ARN } } });
});
