import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pulumi-"));
afterAll(() => rmSync(folder, { recursive: true }));

const record = join(folder, "record");
/** Writes down how it was called, and with which Node a program would run; ends as `end` says. */
const script = (name: string, end = "exit 0") =>
	`#!/bin/sh\necho "${name} $* (node $(node --version), in $(pwd))" >> "${record}"\n${end}\n`;

const withCli = mkdtempSync(join(folder, "cli-"));
const fakeCli = join(withCli, "pulumi");

function launch(args: string[], environment: Record<string, string>, end?: string) {
	writeFileSync(record, "");
	writeFileSync(fakeCli, script("pulumi", end));
	chmodSync(fakeCli, 0o755);
	const { status, stderr } = spawnSync(process.execPath, ["framework/deploy/pulumi.js", ...args], {
		cwd: root,
		encoding: "utf8",
		env: environment,
	});
	return { status, stderr, calls: readFileSync(record, "utf8").split("\n").slice(0, -1) };
}

const SYSTEM = ["/usr/bin", "/bin"].join(delimiter);
/** The Node of package.json, wherever the machine's own is. */
const node = `v${JSON.parse(readFileSync(join(root, "node_modules/node/package.json"), "utf8")).version}`;
const place = `(node ${node}, in ${root.replace(/\/$/, "")})`;

test("a stack's first deployment makes the stack; the program runs on the project's own Node", () => {
	const { status, stderr, calls } = launch(["up", "--stack", "dev", "--yes"], {
		PATH: `${withCli}${delimiter}${SYSTEM}`,
	});
	expect(calls).toEqual([`pulumi stack select dev --create ${place}`, `pulumi up --stack dev --yes ${place}`]);
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("other commands are passed on as they are, and so is how they end", () => {
	const { status, calls } = launch(["destroy", "-s", "dev"], { PATH: `${withCli}${delimiter}${SYSTEM}` }, "exit 7");
	expect(calls).toEqual([`pulumi destroy -s dev ${place}`]);
	expect(status).toBe(7);
});

test("a stack that cannot be selected is not deployed to", () => {
	const { status, calls } = launch(["up", "--stack=dev"], { PATH: `${withCli}${delimiter}${SYSTEM}` }, "exit 255");
	expect(calls).toEqual([`pulumi stack select dev --create ${place}`]);
	expect(status).toBe(255);
});

test("without the CLI, npm fetches its package", () => {
	const npm = join(folder, "npm-cli.js");
	writeFileSync(
		npm,
		`require("node:fs").appendFileSync(${JSON.stringify(record)}, process.argv.slice(2).join(" ") + "\\n");`,
	);
	const { status, stderr, calls } = launch(["preview"], { PATH: SYSTEM, npm_execpath: npm });
	expect(calls).toEqual(["exec --yes --package=pulumi@^3.208.0 -- pulumi preview"]);
	expect(status).toBe(0);
	expect(stderr).toContain("npx fetches it");
});

test("without either there is a message", () => {
	const { status, stderr } = launch(["preview"], { PATH: folder });
	expect(status).toBe(2);
	expect(stderr).toContain("npm cannot be started");
});
