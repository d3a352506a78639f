import { readdirSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { RECORD_TIME, streamRecord } from "../../../testing/factories.ts";
import { fillLocalLake } from "../../../testing/local-lake.ts";
import {
	createProject,
	runCli,
	runCliOnTerminal,
	runCliUntil,
	type TemporaryProject,
} from "../../../testing/run-cli.ts";

const ORDERS = `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
consumers: [{ name: copies, kind: s3, with: { content: record } }]
`;
const LS = ["lake", "ls", "orders", "--objects"];
const HOURS = 5;

let project: TemporaryProject;

beforeEach(async () => {
	project = createProject({ "pipelines/orders.yaml": ORDERS });
	const hours = Array.from({ length: HOURS }, (_, hour) => [
		streamRecord({ number: hour, time: RECORD_TIME + hour * 2 * 3600 }),
	]);
	await fillLocalLake(project.root, "orders", hours);
});
afterEach(() => {
	vi.restoreAllMocks();
	project.remove();
});

const notes = (): string[] => readdirSync(join(project.root, ".tributary", "unfinished"));

test("stopped after an hour, --resume lists the next ones, and no hour twice", async () => {
	const whole = await runCli(project.root, LS);
	const stopped = await runCliUntil(project.root, LS, ({ stdout }) => stdout.includes("hour=13"));
	expect(stopped).toMatchObject({
		code: 1,
		stderr: "Stopped after 14 hours. The same command with --resume goes on there.\n",
	});
	const rest = await runCli(project.root, [...LS, "--resume"]);
	expect(rest).toMatchObject({ code: 0, stdout: whole.stdout.slice(stopped.stdout.length), stderr: "" });
	expect(rest.stdout).toMatch(/^dt=2026-11-24\/hour=15/);
	expect(notes()).toEqual([]);
	await runCliUntil(project.root, LS, ({ stdout }) => stdout !== "");
	expect((await runCli(project.root, LS)).stderr).toContain("before it was stopped, 10 hours, is given up");
});

test("on a terminal a bar shows rate and time left; elsewhere there is none", async () => {
	let now = Date.now();
	vi.spyOn(Date, "now").mockImplementation(() => (now += 300));
	const argv = [...LS, "--from", "2026-11-24T09:00Z", "--to", "2026-11-24T19:00Z"];
	const beside = await runCliOnTerminal(project.root, argv, false);
	expect(beside.stderr).toMatch(/\[█{15} {15}\] 5 of 10 hours listed, \d\.\d\/s, \d+ s left/);
	expect(beside.stderr).toMatch(/\r\[.*\] 9 of 10 hours listed[^\r]*\n$/);
	expect(beside.stdout).toBe((await runCli(project.root, argv)).stdout);
	const among = await runCliOnTerminal(project.root, argv, true);
	// Each line of the listing has the bar's line to itself.
	expect(among.stderr.split("\r\x1b[K")).toHaveLength(HOURS + 1);
	expect((await runCli(project.root, argv)).stderr).toBe("");
});

test("what cannot be listed to its end says how far it came, and goes on from there", async () => {
	const whole = await runCli(project.root, LS);
	// One key a page, and no page after the third hour.
	const send = S3Client.prototype.send as (this: S3Client, command: { input: object }) => Promise<unknown>;
	let pages = 0;
	const spy = vi.spyOn(S3Client.prototype, "send").mockImplementation(async function (this: S3Client, command) {
		if (!("Delimiter" in command.input) && ++pages > 4) throw Object.assign(new Error(), { name: "TimeoutError" });
		Object.assign(command.input, { MaxKeys: 1 });
		return send.call(this, command);
	});
	onTestFinished(() => spy.mockRestore());
	const failed = await runCli(project.root, LS);
	expect(failed.code).toBe(2);
	expect(failed.stderr).toMatch(
		/^It failed after 14 hours. The same command with --resume goes on there.\n.*TimeoutError/s,
	);
	spy.mockRestore();
	const rest = await runCli(project.root, [...LS, "--resume"]);
	expect(failed.stdout + rest.stdout).toBe(whole.stdout);
});
