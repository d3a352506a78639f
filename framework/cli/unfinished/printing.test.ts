import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { fillLocalLake } from "../../testing/local-lake.ts";
import { createProject, runCli, runCliOnTerminal, runCliUntil, type TemporaryProject } from "../../testing/run-cli.ts";

const ORDERS = `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
consumers: [{ name: copies, kind: s3, with: { content: record } }]
`;
const BIN = fileURLToPath(new URL("../bin.js", import.meta.url));

let project: TemporaryProject;

beforeAll(async () => {
	project = createProject({ "pipelines/orders.yaml": ORDERS });
	const batches = Array.from({ length: 60 }, (_, batch) =>
		Array.from({ length: 10 }, (_, more) => batch * 8 + more).map((number) =>
			streamRecord({
				number,
				eventName: number % 2 === 0 ? "INSERT" : "MODIFY",
				time: RECORD_TIME + number * 60,
				newImage: { orderId: { S: "a" }, text: { S: "x".repeat(1000) } },
			}),
		),
	);
	await fillLocalLake(project.root, "orders", batches);
});
afterAll(() => project.remove());

const notes = (): string[] => readdirSync(join(project.root, ".tributary", "unfinished"));

test.each([
	[[]],
	[["--where", "{ events: [MODIFY] }", "--content", "event", "--limit", "100"]],
	[["--from", "2026-11-24T11:00Z", "--to", "2026-11-24T15:00Z", "--content", "item"]],
])("cat %j: what was printed before a stop and after it is what one run prints", async (more) => {
	const argv = ["lake", "cat", "orders", ...more];
	const whole = await runCli(project.root, argv);
	let printed = "";
	for (let stops = 0; ; stops++) {
		const from = stops === 0 ? argv : [...argv, "--resume"];
		const { code, stdout, stderr } = await runCliUntil(
			project.root,
			from,
			({ stdout }) => stdout.length > whole.stdout.length / 4,
		);
		printed += stdout;
		if (code === 0) break;
		expect(stderr).toMatch(/Stopped after \d+ records. The same command with --resume goes on there.\n$/);
	}
	expect(printed).toBe(whole.stdout);
	expect(notes()).toEqual([]);
});

test("verify: what it found before a stop and after it is what one run finds, and so is the sum", async () => {
	const argv = ["lake", "verify", "orders", "--format", "json"];
	const whole = await runCli(project.root, argv);
	const stopped = await runCliUntil(project.root, argv, ({ stdout }) => stdout.length > whole.stdout.length / 2);
	expect(stopped.code).toBe(2);
	expect(stopped.stderr).toMatch(/Stopped after \d+ records. The same command with --resume goes on there.\n$/);
	const found = stopped.stdout.trimEnd().split("\n");
	expect(JSON.parse(found.pop() ?? "")).toMatchObject({ verdict: "interrupted", findings: found.length });
	const { code, stdout } = await runCli(project.root, [...argv, "--resume"]);
	expect(code).toBe(1);
	// Witnesses speak up to the time at which they are asked.
	const timeless = (text: string): string => text.replaceAll(/"to":[\d.]+/g, "");
	expect(timeless(`${found.join("\n")}\n${stdout}`)).toBe(timeless(whole.stdout));
	expect(notes()).toEqual([]);
});

test("a bar stands beside what is printed only where that goes elsewhere", async () => {
	const argv = ["lake", "cat", "orders"];
	expect((await runCliOnTerminal(project.root, argv, false)).stderr).toMatch(/] \d+ of \d+ records read/);
	expect((await runCliOnTerminal(project.root, argv, true)).stderr).toBe("");
	expect((await runCli(project.root, argv)).stderr).toBe("");
});

test("a process that is killed goes on from its last note: nothing is missing", async () => {
	const argv = ["lake", "cat", "orders"];
	const whole = await runCli(project.root, argv);
	const folder = join(project.root, ".tributary", "unfinished");
	mkdirSync(folder, { recursive: true });
	const watching = watch(folder);
	// A clock that runs fast, so that notes are due; and a pipe that nobody empties, so that it stands in the middle.
	const clock = "const of = Date.now; let more = 0; Date.now = () => of() + (more += 1000);";
	const child = spawn(
		process.execPath,
		["--import", `data:text/javascript,${encodeURIComponent(clock)}`, BIN, ...argv],
		{
			cwd: project.root,
		},
	);
	const noted = (): boolean => existsSync(folder) && notes().some((name) => name.endsWith(".note"));
	while (!noted()) await once(watching, "change");
	watching.close();
	child.kill("SIGKILL");
	let before = "";
	child.stdout.on("data", (text) => (before += text));
	await once(child, "close");
	const rest = await runCli(project.root, [...argv, "--resume"]);
	expect(rest.code).toBe(0);
	expect(whole.stdout.endsWith(rest.stdout)).toBe(true);
	expect(rest.stdout.length).toBeLessThan(whole.stdout.length);
	// What was printed after the note comes again.
	expect(before.length + rest.stdout.length).toBeGreaterThanOrEqual(whole.stdout.length);
	expect(whole.stdout.startsWith(before)).toBe(true);
	expect(notes()).toEqual([]);
});
