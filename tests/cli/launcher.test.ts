import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const pipeline = (...args: string[]) =>
	spawnSync(process.execPath, ["framework/cli/bin.js", ...args], { cwd: root, encoding: "utf8" });

test("the launcher runs a command: results on stdout, nothing else there", () => {
	const { status, stdout, stderr } = pipeline("--help");
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
	expect(stdout).toContain("pipeline <command>");
});

test.each([
	[["vaildate"], 'There is no command "vaildate". Did you mean "validate"?'],
	[["demo", "--evnts", "5"], 'demo has no option --evnts. Did you mean "--events"?'],
	[["demo", "--sabotage", "loose"], '--sabotage loose: Did you mean "lose"?'],
	[["demo", "--events", "0"], "--events 0: give a whole number from 1 to 1000000."],
	[["demo", "--rate", "fast"], "--rate fast: give a whole number from 1 to 1000000."],
	[["demo", "now"], 'demo does not take "now"'],
	[["validate", "no-such-place"], "no-such-place"],
])("%j could not run: one message, no stack trace, exit 2", (args, message) => {
	const { status, stdout, stderr } = pipeline(...args);
	expect(status).toBe(2);
	expect(stdout).toBe("");
	expect(stderr).toContain(message);
	expect(stderr).not.toMatch(/^\s+at /m);
});
