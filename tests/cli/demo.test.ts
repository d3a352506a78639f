import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../../framework/testing/run-cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let data: string;
beforeEach(() => {
	data = mkdtempSync(join(tmpdir(), "demo-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const demo = (...args: string[]) => runCli(root, ["demo", "--data", data, ...args]);

test("the shipped pipeline delivers everything, and says where the files lie", { timeout: 120_000 }, async () => {
	const { code, stdout } = await demo("--events", "230");
	expect(stdout).toMatch(/clicks-for-quicksight +230 +230 +0 /);
	expect(stdout).toMatch(/engagement +230 +230 +0 /);
	expect(stdout).toContain("230 of 230 webhooks verified");
	expect(stdout).toContain("check       passed");
	expect(code).toBe(0);
	const places = [...stdout.matchAll(/^(?:lake|clicks-for-quicksight|engagement) +(\S*demo-\S+)$/gm)];
	expect(places.map(([, place = ""]) => existsSync(resolve(root, place)))).toEqual([true, true, true]);
});

test.each([
	["lose", "misses a change"],
	["swap", "is out of order"],
	["duplicate", "has a change twice"],
	["unsigned", "without a valid signature"],
])("--sabotage %s is found: exit 1", { timeout: 120_000 }, async (fault, words) => {
	const { code, stdout } = await demo("--events", "200", "--sabotage", fault);
	expect(stdout).toContain("check       FAILED");
	expect(stdout).toContain(words);
	expect(code).toBe(1);
});

test("a fault that no batch allows is not passed off as found: exit 2", { timeout: 120_000 }, async () => {
	const { code, stdout, stderr } = await demo("--events", "1", "--sabotage", "swap");
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toContain("--sabotage swap: no batch allowed it");
});

test("a folder that holds other files is refused in words", async () => {
	const { code, stderr } = await runCli(root, ["demo", "--data", join(root, "docs")]);
	expect(code).toBe(2);
	expect(stderr).toContain("holds files that are not from a local run");
	expect(stderr).not.toContain("internal error");
});

test("a demo that was stopped has checked nothing: exit 2", { timeout: 120_000 }, async () => {
	const { code, stdout, stderr } = await runCli(root, ["demo", "--data", data], AbortSignal.abort());
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toContain("nothing was checked");
});
