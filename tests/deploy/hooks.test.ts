import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { loadHooks } from "../../framework/deploy/load-hooks.ts";
import { checkInputs } from "../../framework/testing/pulumi/check-inputs.ts";
import { resourceOf } from "../../framework/testing/pulumi/graph.ts";
import { readProviderTypes } from "../../framework/testing/pulumi/provider-types.ts";
import { captureDeployment, goldenPlan } from "./capture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Inside the checkout, so that what the file imports is found as from a user's own.
const project = mkdtempSync(join(root, ".hooks-"));
afterAll(() => rmSync(project, { recursive: true }));

test("the documented hook adds a secondary index to the one table, and nothing else changes", async () => {
	const page = readFileSync(join(root, "docs/deploying.md"), "utf8");
	const [, example = ""] = /```ts\n(\/\/ pipelines\/hooks\.ts[\s\S]*?)```/.exec(page) ?? [];
	mkdirSync(join(project, "pipelines"));
	writeFileSync(join(project, "pipelines/hooks.ts"), example.replace('"../framework/', '"../../framework/'));
	const hooks = await loadHooks(project);

	const plan = goldenPlan("user-actions");
	const [without, changed] = [await captureDeployment(plan), await captureDeployment(plan, { hooks })];
	const table = resourceOf(changed.graph, "aws:dynamodb/table:Table", "user-actions--table");
	expect(table.inputs).toMatchObject({
		name: "tributary-prod-user-actions",
		streamViewType: "NEW_IMAGE",
		attributes: [{ name: "uuid" }, { name: "user" }, { name: "action" }],
		globalSecondaryIndexes: [{ name: "by-action", projectionType: "ALL" }],
	});
	expect(checkInputs(changed.graph, readProviderTypes())).toEqual([]);
	const others = (graph: typeof without.graph) => graph.resources.filter(({ urn }) => urn !== table.urn);
	expect(others(changed.graph)).toEqual(others(without.graph));
});

test("a hook sees every resource of its type, with the plan's ids", async () => {
	const seen: string[] = [];
	await captureDeployment(goldenPlan("user-actions"), {
		hooks: { "aws:s3/bucket:Bucket": ({ pipeline, id }) => void seen.push(`${pipeline} ${id}`) },
	});
	expect(seen).toEqual(["null operations", "null lake", "null exports"]);
});

test("options that a hook gives are added to the planned ones", async () => {
	const { graph } = await captureDeployment(goldenPlan("user-actions"), {
		hooks: {
			"aws:lambda/eventSourceMapping:EventSourceMapping": () => ({ options: { ignoreChanges: ["batchSize"] } }),
			"aws:kinesis/stream:Stream": () => ({ options: { protect: false } }),
		},
	});
	const mapping = resourceOf(graph, "aws:lambda/eventSourceMapping:EventSourceMapping", "user-actions--lake-mapping");
	expect(mapping.options.ignoreChanges).toEqual(["startingPosition", "startingPositionTimestamp", "batchSize"]);
	expect(mapping.options.dependsOn?.length).toBeGreaterThan(2);
	expect(resourceOf(graph, "aws:kinesis/stream:Stream", "user-actions--fan-out").options.protect).toBe(false);
});
