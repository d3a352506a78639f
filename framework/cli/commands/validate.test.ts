import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../run.ts";

const project = fileURLToPath(new URL("../../../tests/golden/invalid/environments", import.meta.url));

async function validate(...args: string[]) {
	let stdout = "";
	let stderr = "";
	const code = await run(["validate", ...args], {
		stdout: (text) => {
			stdout += text;
		},
		stderr: (text) => {
			stderr += text;
		},
		cwd: project,
		env: {},
		terminal: false,
		printsToTerminal: false,
		signal: new AbortController().signal,
	});
	return { code, stdout, stderr };
}

test("json holds exactly the promised keys and counts each file", async () => {
	const { code, stdout, stderr } = await validate("pipelines/orders.yaml", "--format", "json");
	const report = JSON.parse(stdout);
	expect([code, stderr]).toEqual([1, ""]);
	expect(Object.keys(report)).toEqual(["files", "pipelines", "diagnostics"]);
	expect([report.files, report.pipelines]).toEqual([2, 1]);
	const keys = "code severity file line column endLine endColumn path summary detail help".split(" ");
	for (const diagnostic of report.diagnostics) expect(Object.keys(diagnostic)).toEqual(keys);
	expect(report.diagnostics[3]).toMatchObject({ path: "environments.prod.table.pointInTimeRecoveryDays", line: 11 });
});

test("--env looks at one environment's values", async () => {
	const { stdout } = await validate("--env", "local", "--format", "json");
	expect(stdout).not.toContain("pointInTimeRecoveryDays");
});

test.each([
	[["nowhere.yaml"], 'There is no file or folder "nowhere.yaml".'],
	[["--env", "prd"], 'There is no environment "prd". Did you mean "prod"?'],
	[["--format", "xml"], "human, json"],
])("%j could not run: exit 2", async (args, message) => {
	const { code, stdout, stderr } = await validate(...args);
	expect([code, stdout]).toEqual([2, ""]);
	expect(stderr).toContain(message);
});
