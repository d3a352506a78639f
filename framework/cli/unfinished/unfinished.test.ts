import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { fillLocalLake } from "../../testing/local-lake.ts";
import { createProject, runCli, runCliUntil, type TemporaryProject } from "../../testing/run-cli.ts";

const ORDERS = `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
consumers: [{ name: copies, kind: s3, with: { content: record } }]
`;
const STAT = ["lake", "stat", "orders", "--format", "json"];

let project: TemporaryProject;

beforeEach(async () => {
	project = createProject({ "pipelines/orders.yaml": ORDERS });
	await fillLocalLake(project.root, "orders", batches(0, 20));
});
afterEach(() => {
	vi.restoreAllMocks();
	project.remove();
});

/** Ten records each, in objects that overlap, over some hours. */
const batches = (from: number, to: number) =>
	Array.from({ length: to - from }, (_, index) =>
		Array.from({ length: 10 }, (_, more) => (from + index) * 8 + more).map((number) =>
			streamRecord({ number, time: RECORD_TIME + number * 120 }),
		),
	);

const folder = (): string => join(project.root, ".tributary", "unfinished");
const notes = (): string[] => readdirSync(folder()).filter((name) => name.endsWith(".note"));
/** Files of the lake, in the order of their names. */
const objects = (): string[] =>
	readdirSync(join(project.root, ".tributary", "dev"), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ndjson.gz"))
		.sort();
const half = ({ stderr }: { stderr: string }): boolean => /^1\d\d of 200 records/m.test(stderr);

test("a stop says how to go on, and --resume gives what one run gives, to the byte", async () => {
	const whole = await runCli(project.root, STAT);
	const stopped = await runCliUntil(project.root, STAT, half);
	expect(stopped).toMatchObject({ code: 1, stdout: "" });
	expect(stopped.stderr).toMatch(/Stopped after 1\d\d records. The same command with --resume goes on there.\n$/);
	expect(await runCli(project.root, [...STAT, "--resume"])).toMatchObject({ code: 0, stdout: whole.stdout });
	expect(notes()).toEqual([]);
});

test("an age counts from the first start", async () => {
	const now = vi.spyOn(Date, "now").mockReturnValue((RECORD_TIME + 3600 * 6) * 1000);
	const argv = [...STAT, "--from", "4h", "--to", "1h"];
	const whole = await runCli(project.root, argv);
	await runCliUntil(project.root, argv, ({ stderr }) => stderr !== "");
	now.mockReturnValue((RECORD_TIME + 3600 * 8) * 1000);
	expect(await runCli(project.root, [...argv, "--resume"])).toMatchObject({ code: 0, stdout: whole.stdout });
});

test("without --resume what was left is given up, and that is said", async () => {
	await runCliUntil(project.root, STAT, half);
	const { code, stderr } = await runCli(project.root, STAT);
	expect(code).toBe(0);
	expect(stderr).toMatch(
		/^What the same command had read before it was stopped, 1\d\d records, is given up: it begins anew.\n/,
	);
	expect(notes()).toEqual([]);
});

test("nothing to go on with: what was stopped with other arguments is named", async () => {
	const none = await runCli(project.root, [...STAT, "--resume"]);
	expect(none).toMatchObject({ code: 2, stdout: "" });
	expect(none.stderr).toBe("pipeline: There is nothing to go on with: no `lake stat orders` was stopped here.\n");
	await runCliUntil(project.root, [...STAT, "--to", "2030-01-01"], half);
	const other = await runCli(project.root, [...STAT, "--resume"]);
	expect(other.stderr).toContain("there is: lake stat orders --to 2030-01-01.\n");
	expect(notes()).toHaveLength(1);
});

test.each([
	["cut off", (text: string) => text.slice(0, -80), "is damaged"],
	["emptied", () => "", "is damaged"],
	["changed", (text: string) => text.replace('"records":1', '"records":2'), "is damaged"],
])("a note that was %s is refused and stays; without --resume it is given up", async (_, damage, why) => {
	await runCliUntil(project.root, STAT, half);
	const path = join(folder(), notes()[0] ?? "");
	writeFileSync(path, damage(readFileSync(path, "utf8")));
	const refused = await runCli(project.root, [...STAT, "--resume"]);
	expect(refused).toMatchObject({ code: 2, stdout: "" });
	expect(refused.stderr).toContain(`${why}: there is no going on with it. It stays as it is`);
	expect(notes()).toHaveLength(1);
	const anew = await runCli(project.root, STAT);
	expect(anew).toMatchObject({
		code: 0,
		stderr: expect.stringMatching(`^The note of the same command ${why}. It is given up`),
	});
});

test("a note of another version is refused", async () => {
	await runCliUntil(project.root, STAT, half);
	const path = join(folder(), notes()[0] ?? "");
	const { createHash } = await import("node:crypto");
	const [first = ""] = readFileSync(path, "utf8").split("\n");
	const text = `${first.replace('"formatVersion":1', '"formatVersion":2')}\n`;
	writeFileSync(path, `${text}${createHash("sha256").update(text).digest("hex")}\n`);
	const { code, stderr } = await runCli(project.root, [...STAT, "--resume"]);
	expect(code).toBe(2);
	expect(stderr).toContain("is of another version of the tool");
});

test("notes are written at intervals, so that what ends without a word goes on too", async () => {
	let now = (RECORD_TIME + 86_400) * 1000;
	vi.spyOn(Date, "now").mockImplementation(() => (now += 1500));
	const whole = await runCli(project.root, STAT);
	const object = join(project.root, ".tributary", "dev", objects()[12] ?? "");
	const bytes = readFileSync(object);
	writeFileSync(object, "broken");
	const failed = await runCli(project.root, STAT);
	expect(failed.code).toBe(2);
	expect(failed.stderr).toContain("The same command with --resume goes on there.\n");
	writeFileSync(object, bytes);
	expect(await runCli(project.root, [...STAT, "--resume"])).toMatchObject({ code: 0, stdout: whole.stdout });
});

test("where no note can be written the reading goes on, and a stop says that there is no going on", async () => {
	mkdirSync(join(project.root, ".tributary"), { recursive: true });
	writeFileSync(folder(), "a file");
	const stopped = await runCliUntil(project.root, STAT, half);
	expect(stopped.stderr).toMatch(/How far it came could not be noted, so there is no going on: EEXIST/);
	expect(await runCli(project.root, STAT)).toMatchObject({ code: 0 });
	rmSync(folder());
});

test("objects that came to hours in view meanwhile are counted and told", async () => {
	const whole = JSON.parse((await runCli(project.root, STAT)).stdout);
	await runCliUntil(project.root, STAT, half);
	await fillLocalLake(project.root, "orders", [
		[streamRecord({ item: "late", number: 130, time: RECORD_TIME + 130 * 120 })],
	]);
	const { stdout, stderr } = await runCli(project.root, [...STAT, "--resume"]);
	expect(stderr).toMatch(/1 object came to dt=2026-11-24\/hour=1\d since it was listed./);
	expect(JSON.parse(stdout)).toMatchObject({ objects: whole.objects + 1, hours: whole.hours });
});

test("a note that nobody went on with for a week is swept", async () => {
	await runCliUntil(project.root, [...STAT, "--to", "2030-01-01"], half);
	const path = join(folder(), notes()[0] ?? "");
	utimesSync(path, 1, 1);
	await runCli(project.root, STAT);
	expect(notes()).toEqual([]);
});
