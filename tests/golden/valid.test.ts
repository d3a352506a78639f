import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { renderHuman } from "../../framework/plan/render-human.ts";
import { renderMarkdown } from "../../framework/plan/render-markdown.ts";
import { renderMermaid } from "../../framework/plan/render-mermaid.ts";
import { serializePlan } from "../../framework/plan/serialize.ts";
import { planYaml } from "../../framework/testing/compile-yaml.ts";

const root = fileURLToPath(new URL("valid", import.meta.url));
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const matchesSchema = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(read("schemas/plan.schema.json")));

// What a change of the planner changes for people and programs. `vitest -u` rewrites it: read the difference.
test.each(readdirSync(root).sort())("%s", async (name) => {
	const folder = join(root, name);
	const plan = planYaml(name, readFileSync(join(folder, `${name}.yaml`), "utf8"));
	const text = renderHuman(plan);
	await expect(serializePlan(plan)).toMatchFileSnapshot(join(folder, "plan.json"));
	await expect(text).toMatchFileSnapshot(join(folder, "plan.txt"));
	await expect(renderMermaid(plan)).toMatchFileSnapshot(join(folder, "plan.mmd"));
	expect(text.split("\n").filter((line) => line.length > 100)).toEqual([]);
	matchesSchema(plan);
	expect(matchesSchema.errors).toBeNull();
});

test("a plan as a comment on a pull request", async () => {
	const plan = planYaml("orders", readFileSync(join(root, "orders/orders.yaml"), "utf8"), "prod");
	await expect(renderMarkdown(plan)).toMatchFileSnapshot(join(root, "orders/plan.md"));
});

test("the golden case of the shipped pipeline is the shipped pipeline", () => {
	expect(read("tests/golden/valid/user-actions/user-actions.yaml")).toBe(read("pipelines/user-actions.yaml"));
});
