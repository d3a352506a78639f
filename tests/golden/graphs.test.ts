import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planYaml } from "../../framework/testing/compile-yaml.ts";
import { checkInputs } from "../../framework/testing/pulumi/check-inputs.ts";
import { readProviderTypes } from "../../framework/testing/pulumi/provider-types.ts";
import { renderGraph } from "../../framework/testing/pulumi/render-graph.ts";
import { captureDeployment, goldenFolder, goldenPlan } from "../deploy/capture.ts";

const types = readProviderTypes();
const names = readdirSync(goldenFolder).sort();
const root = process.cwd();

/** What nobody can make again. */
const HOLDS_DATA = ["aws:dynamodb/table:Table", "aws:kinesis/stream:Stream", "aws:s3/bucket:Bucket"];

// What a change does to the resources. `vitest -u` rewrites it: read the difference.
test.each(names)("%s: the whole graph", async (name) => {
	const { graph } = await captureDeployment(goldenPlan(name));
	await expect(renderGraph(graph, { root })).toMatchFileSnapshot(join(goldenFolder, name, "graph.yaml"));
	expect(checkInputs(graph, types)).toEqual([]);
	// Every name is bound to its place; what is left is IAM's own escape for a character that would be a wildcard.
	expect(JSON.stringify(graph).match(/\$\{(?![*?$]\})[^}]*\}/g)).toBeNull();
});

test.each(names)("%s: children are named after their parents, and nothing twice", async (name) => {
	const { graph } = await captureDeployment(goldenPlan(name));
	for (const { parent, name: own } of graph.resources)
		if (parent !== null) expect(own.startsWith(parent.split(" ")[1] ?? "?"), `${own} below ${parent}`).toBe(true);
	expect(new Set(graph.resources.map(({ urn }) => urn)).size).toBe(graph.resources.length);
	// A plain resource below the stack itself would belong to nothing.
	expect(graph.resources.filter(({ custom, parent }) => custom && parent === null)).toEqual([]);
});

test.each(names)("%s: what holds data is guarded where the stack protects, and not at all elsewhere", async (name) => {
	const plan = goldenPlan(name);
	const unguarded = plan.pipelines[0]?.resources.some(
		({ properties }) => "deletionProtection" in properties && !properties.deletionProtection,
	);
	for (const protect of [true, false]) {
		const { graph } = await captureDeployment(plan, { settings: { protect } });
		const held = graph.resources.filter(({ type }) => HOLDS_DATA.includes(type));
		expect(held.length).toBeGreaterThan(2);
		for (const { name: own, type, options, inputs } of held) {
			expect([own, options.protect, options.retainOnDelete]).toEqual([own, protect, protect]);
			// DynamoDB's own guard is the definition's wish, heard where the stack protects.
			if (type === "aws:dynamodb/table:Table" && !(own.endsWith("--table") && unguarded))
				expect([own, inputs.deletionProtectionEnabled]).toEqual([own, protect]);
			if (type === "aws:s3/bucket:Bucket") expect([own, inputs.forceDestroy]).toEqual([own, !protect]);
			if (type === "aws:kinesis/stream:Stream") expect([own, inputs.enforceConsumerDeletion]).toEqual([own, !protect]);
		}
	}
});

test("two pipelines whose names and consumers join alike stay apart", async () => {
	const yaml = (consumer: string) => `
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }
consumers: [{ name: ${consumer}, kind: s3, when: { events: [INSERT] }, with: { content: item, prefix: p } }]`;
	const one = planYaml("orders", `name: orders${yaml("eu-crm")}`);
	const other = planYaml("orders-eu", `name: orders-eu${yaml("crm")}`);
	const both = { ...one, pipelines: [...one.pipelines, ...other.pipelines] };
	const { graph } = await captureDeployment(both);
	expect(new Set(graph.resources.map(({ urn }) => urn)).size).toBe(graph.resources.length);
});

test("no more than five enhanced consumers are registered at once", async () => {
	const consumers = [..."abcdefghijkl"].map(
		(name) =>
			`  - { name: ${name}, kind: s3, enhancedFanOut: true, when: { events: [INSERT] }, with: { content: item, prefix: ${name} } }`,
	);
	const plan = planYaml(
		"orders",
		`name: orders\ntable: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }\nconsumers:\n${consumers.join("\n")}`,
	);
	const { graph } = await captureDeployment(plan);
	const registered = graph.resources.filter(({ type }) => type === "aws:kinesis/streamConsumer:StreamConsumer");
	const waits = registered.map(({ options }) => options.dependsOn?.length ?? 0);
	expect(waits).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
	expect(registered[7]?.options.dependsOn).toEqual(["aws:kinesis/streamConsumer:StreamConsumer orders--reader-c"]);
});
