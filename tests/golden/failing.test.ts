import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCli } from "../../framework/testing/run-cli.ts";

const root = fileURLToPath(new URL("failing", import.meta.url));

// Each folder is a project whose tests fail; report.txt is what its user sees. `vitest -u` rewrites it: read the difference.
test.each(readdirSync(root))("%s", async (name) => {
	const { code, stdout } = await runCli(join(root, name), ["test"]);
	const report = stdout.replace(/\(\d+ ms\)/g, "(n ms)");
	await expect(report).toMatchFileSnapshot(join(root, name, "report.txt"));
	expect(code).toBe(1);
});
