import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { definitions } from "../../../consumers/definitions.ts";
import { createProject, runCli } from "../../testing/run-cli.ts";

function project() {
	const created = createProject({});
	onTestFinished(created.remove);
	return created.root;
}

const every = Object.keys(definitions).flatMap((kind) => ["--kind", kind]);

test.each([[[]], [every], ...Object.keys(definitions).map((kind) => [["--kind", kind]])])(
	"what it writes with %j is valid in every environment, without a hint",
	async (kinds) => {
		const root = project();
		const { code, stdout, stderr } = await runCli(root, ["new", "big-orders", ...kinds]);
		expect({ code, stdout }).toEqual({ code: 0, stdout: "pipelines/big-orders.yaml\n" });
		expect(stderr).toContain("npx pipeline plan big-orders");
		const validated = await runCli(root, ["validate"]);
		expect(validated).toEqual({ code: 0, stdout: "1 pipeline in 1 file: no problems.\n", stderr: "" });
		expect(await runCli(root, ["plan", "--env", "prod"])).toMatchObject({ code: 0 });
	},
);

test("what it leaves in comments is valid too", async () => {
	const root = project();
	await runCli(root, ["new", "orders", ...every]);
	const path = join(root, "pipelines/orders.yaml");
	const text = readFileSync(path, "utf8");
	const open = text.replace(/^# What .*\n/m, "").replace(/^( *)# (?= *[a-z]+:)/gim, "$1");
	expect(open).toMatch(/^environments:\n {2}prod:/m);
	writeFileSync(path, open);
	expect(await runCli(root, ["validate"])).toMatchObject({ code: 0 });
});

test.each([
	["Orders", "cannot be called"],
	["../orders", "cannot be called"],
	["defaults", "lies under every pipeline"],
	["orders", "there already"],
])("%s is refused, and nothing is written over", async (name, message) => {
	const root = project();
	await runCli(root, ["new", "orders"]);
	const before = readFileSync(join(root, "pipelines/orders.yaml"), "utf8");
	const { code, stdout, stderr } = await runCli(root, ["new", name, "--kind", "s3"]);
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toContain(message);
	expect(readFileSync(join(root, "pipelines/orders.yaml"), "utf8")).toBe(before);
});
