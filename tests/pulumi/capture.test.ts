import { fileURLToPath } from "node:url";
import { dynamodb } from "@pulumi/aws";
import { expect, test } from "vitest";
import { resourceOf } from "../../framework/testing/pulumi/graph.ts";
import { renderGraph } from "../../framework/testing/pulumi/render-graph.ts";
import { captureExample, folder } from "./example.ts";

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const golden = fileURLToPath(new URL("example/graph.yaml", import.meta.url));

test("a program's graph reads as its author wrote it", async () => {
	const { graph } = await captureExample();
	await expect(renderGraph(graph, { root: folder })).toMatchFileSnapshot(golden);
});

test("a resource knows what it waits for, and what each input is made of", async () => {
	const { graph } = await captureExample();
	const mapping = resourceOf(graph, MAPPING, "orders-mapping");
	expect(mapping.propertyDependencies).toEqual({
		eventSourceArn: ["aws:dynamodb/table:Table orders-table"],
		functionName: ["aws:lambda/function:Function orders-function"],
	});
	expect(mapping.options).toMatchObject({ dependsOn: ["aws:iam/role:Role orders-role"], version: /^7\./ });
	expect(mapping.inputs.eventSourceArn).toMatch(/^arn:aws:dynamodb:us-west-2:.*:table\/orders-table\/stream\//);
});

test("a preview knows inputs, and nothing that only AWS knows", async () => {
	const { graph } = await captureExample({ preview: true });
	const mapping = resourceOf(graph, MAPPING, "orders-mapping");
	expect(mapping.id).toBe("");
	expect(mapping.inputs).toMatchObject({ eventSourceArn: { $unknown: true }, startingPosition: "TRIM_HORIZON" });
	expect(resourceOf(graph, "aws:dynamodb/table:Table", "orders-table").inputs.name).toBe("orders-table");
});

test("a preview of a change knows what stays", async () => {
	const { state } = await captureExample();
	const { graph } = await captureExample({ preview: true, state });
	expect(resourceOf(graph, MAPPING, "orders-mapping").id).not.toBe("");
	expect(graph.outputs.streamArn).toMatch(/^arn:/);
});

test("the test's answers reach the program; a data source without one fails with its name", async () => {
	const look = async () => ({ hash: (await dynamodb.getTable({ name: "adopted" })).hashKey });
	const answers = {
		"aws:dynamodb/getTable:getTable": ({ name }: Record<string, unknown>) => ({ hashKey: `of ${name}` }),
	};
	const { graph } = await captureExample({ answers }, look);
	expect(graph.outputs).toEqual({ hash: "of adopted" });
	expect(graph.invokes).toEqual([{ token: "aws:dynamodb/getTable:getTable", args: { name: "adopted" } }]);
	await expect(captureExample({}, look)).rejects.toThrow(/no answer to aws:dynamodb\/getTable:getTable .*adopted/);
});

test("outputs of a resource are the test's to give", async () => {
	const outputs = ({ type }: { type: string }) =>
		type === "aws:dynamodb/table:Table" ? { streamArn: "arn:given" } : {};
	const { graph } = await captureExample({ outputs });
	expect(graph.outputs.streamArn).toBe("arn:given");
});

test("a program that makes one thing twice fails as under the real engine", async () => {
	const twice = async () => {
		for (const _ of [1, 2]) new dynamodb.Table("one", { hashKey: "id", attributes: [{ name: "id", type: "S" }] });
		return {};
	};
	await expect(captureExample({}, twice)).rejects.toThrow(/Duplicate resource URN/);
});
