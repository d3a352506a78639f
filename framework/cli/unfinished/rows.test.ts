import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { RECORD_TIME, streamRecord } from "../../testing/factories.ts";
import { fillLocalLake } from "../../testing/local-lake.ts";
import { createProject, runCli, type TemporaryProject } from "../../testing/run-cli.ts";

const ORDERS = `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
consumers: [{ name: copies, kind: s3, with: { content: record } }]
`;
const ASK = [
	"lake",
	"query",
	"orders",
	"SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events",
	"--format",
	"csv",
];
const ANSWER = "n,ids\n42,42\n";

let project: TemporaryProject;
let room: string;

beforeAll(async () => {
	project = createProject({ "pipelines/orders.yaml": ORDERS });
	const batches = Array.from({ length: 5 }, (_, batch) =>
		Array.from({ length: 10 }, (_, more) => batch * 8 + more).map((number) =>
			streamRecord({ number, time: RECORD_TIME + number * 600 }),
		),
	);
	await fillLocalLake(project.root, "orders", batches);
});
afterAll(() => project.remove());
beforeEach(() => {
	room = mkdtempSync(join(tmpdir(), "room-"));
	vi.stubEnv("TMPDIR", room);
});
afterEach(() => {
	vi.unstubAllEnvs();
	rmSync(room, { recursive: true });
	rmSync(unfinished(), { recursive: true, force: true });
});

const unfinished = (): string => join(project.root, ".tributary", "unfinished");
const notes = (): string[] => readdirSync(unfinished());
const folders = (): string[] => readdirSync(room).filter((name) => name.startsWith("tributary-query-"));
const rowsFolder = (): string => join(room, folders()[0] ?? "");

/** Changes a note, and the sum by which it is known to be whole. */
function change(from: RegExp, to: string): void {
	const path = join(unfinished(), notes()[0] ?? "");
	const text = readFileSync(path, "utf8").replace(from, to).split("\n").slice(0, -2).join("\n");
	writeFileSync(path, `${text}\n${createHash("sha256").update(`${text}\n`).digest("hex")}\n`);
}

async function stop(...more: string[]): Promise<void> {
	const { code, stdout, stderr } = await runCli(project.root, [...ASK, ...more], AbortSignal.abort());
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toMatch(/Stopped after \d+ records. The same command with --resume goes on there.\n$/);
}

test("rows stay across stops, another question may be asked of them, and at the end nothing is left", async () => {
	await stop();
	const [folder] = folders();
	await stop("--resume");
	expect(folders()).toEqual([folder]);
	const argv = [...ASK.slice(0, 3), "SELECT count(*) AS n FROM events", "--format", "csv", "--resume"];
	expect(await runCli(project.root, argv)).toMatchObject({ code: 0, stdout: "n\n42\n" });
	expect([folders(), notes()]).toEqual([[], []]);
});

test("what a killed run wrote after its last note is fetched again, and not twice", async () => {
	await stop();
	const [name = ""] = readdirSync(rowsFolder());
	appendFileSync(join(rowsFolder(), name), '{"event":"INSERT","id":"x"}\n{"half');
	writeFileSync(join(rowsFolder(), "000001.ndjson"), "{}\n");
	expect(await runCli(project.root, [...ASK, "--resume"])).toMatchObject({ code: 0, stdout: ANSWER });
});

test("what is given up is removed", async () => {
	await stop();
	const { code, stdout, stderr } = await runCli(project.root, ASK);
	expect({ code, stdout }).toEqual({ code: 0, stdout: ANSWER });
	expect(stderr).toContain("is given up: it begins anew");
	expect([folders(), notes()]).toEqual([[], []]);
});

test("rows that are gone: a clear answer, and nothing is left to go on with", async () => {
	await stop();
	rmSync(rowsFolder(), { recursive: true });
	const gone = await runCli(project.root, [...ASK, "--resume"]);
	expect(gone).toMatchObject({ code: 2, stdout: "" });
	expect(gone.stderr).toMatch(
		/What was fetched before, in .* is not there any more. There is nothing to go on with: begin anew/,
	);
	expect([folders(), notes()]).toEqual([[], []]);
});

test("a command that is under way is neither given up nor gone on with", async () => {
	await stop();
	change(/"pid":null/, `"pid":${process.ppid}`);
	const resumed = await runCli(project.root, [...ASK, "--resume"]);
	expect(resumed).toMatchObject({
		code: 2,
		stderr: expect.stringContaining(`is under way, in process ${process.ppid}`),
	});
	expect(await runCli(project.root, ASK)).toMatchObject({ code: 0, stdout: ANSWER });
	expect(folders()).toHaveLength(1);
});

test("no other folder is deleted, whatever a note says", async () => {
	await stop();
	const other = mkdtempSync(join(room, "other-"));
	change(/"folder":"[^"]*"/, `"folder":"${other}"`);
	await runCli(project.root, ASK);
	await stop();
	change(/"folder":"[^"]*"/, `"folder":"${other}"`);
	expect((await runCli(project.root, [...ASK, "--resume"])).stderr).toContain("There is nothing to go on with");
	expect(readdirSync(room)).toContain(other.slice(room.length + 1));
});
