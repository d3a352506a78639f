import { afterAll, expect, test } from "vitest";
import { createProject, runCli } from "../../testing/run-cli.ts";

const PIPELINE = (name: string, more = "") => `name: ${name}
table: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }
consumers: [{ name: all, kind: s3 }]
${more}`;

const project = createProject({
	"pipelines/orders.yaml": PIPELINE("orders", 'description: "a \\e[31mred\\e[0m one"\n'),
	"pipelines/bills.yaml": PIPELINE("bills"),
	"pipelines/off.yaml": PIPELINE("off", "enabled: false\n"),
});
afterAll(project.remove);

test("plans every enabled pipeline by name, locally unless told otherwise", async () => {
	const { code, stdout, stderr } = await runCli(project.root, ["plan", "--format", "json"]);
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	const plan = JSON.parse(stdout);
	expect(plan).toMatchObject({ formatVersion: 1, environment: "local" });
	expect(plan.pipelines.map(({ name }: { name: string }) => name)).toEqual(["bills", "orders"]);
	const prod = await runCli(project.root, ["plan", "orders", "--env", "prod", "--format", "json"]);
	const { pipelines } = JSON.parse(prod.stdout);
	expect(pipelines).toMatchObject([{ name: "orders" }]);
	expect(pipelines[0].resources.slice(0, 2)).toMatchObject([{ name: "tributary-prod-orders" }, { id: "fan-out" }]);
});

test("names begin as the environment's deployment will have them begin", async () => {
	const named = createProject({
		"pipelines/orders.yaml": PIPELINE("orders"),
		"Pulumi.acme.yaml": "config:\n  tributary:namePrefix: acme\n",
		"Pulumi.wrong.yaml": "config:\n  tributary:namePrefix: Acme-Corp\n",
	});
	const first = async (env: string) => {
		const { code, stdout, stderr } = await runCli(named.root, ["plan", "--env", env, "--format", "json"]);
		return code === 0 ? JSON.parse(stdout).pipelines[0].functions[0].name : { code, stderr };
	};
	expect(await first("acme")).toBe("acme-acme-orders--lake");
	expect(await first("prod")).toBe("tributary-prod-orders--lake");
	expect(await first("wrong")).toEqual({
		code: 2,
		stderr: expect.stringContaining("Pulumi.wrong.yaml: tributary:namePrefix cannot begin names."),
	});
	named.remove();
});

test("the page for people holds no control characters of a definition", async () => {
	const { code, stdout } = await runCli(project.root, ["plan", "orders"]);
	expect(code).toBe(0);
	expect(stdout).toContain("a �[31mred�[0m one");
	expect(stdout).toContain("Consumer all (s3)");
});

test("an unknown name or environment cannot be planned; an invalid definition is a no", async () => {
	const unknown = await runCli(project.root, ["plan", "order"]);
	expect(unknown).toMatchObject({ code: 2, stdout: "" });
	expect(unknown.stderr).toContain('There is no pipeline "order"');
	expect(await runCli(project.root, ["plan", "--env", "prd"])).toMatchObject({ code: 2, stdout: "" });
	const broken = createProject({ "pipelines/orders.yaml": "name: orders\n" });
	expect(await runCli(broken.root, ["plan"])).toMatchObject({ code: 1, stdout: "" });
	broken.remove();
});
