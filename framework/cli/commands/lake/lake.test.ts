import { afterEach, beforeEach, expect, test } from "vitest";
import { streamRecord } from "../../../testing/factories.ts";
import { fillLocalLake } from "../../../testing/local-lake.ts";
import { createProject, runCli, type TemporaryProject } from "../../../testing/run-cli.ts";

const ORDERS = `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
consumers:
  - { name: copies, kind: s3, with: { content: record } }
  - { name: rows, kind: s3, with: { content: item, prefix: quicksight/orders } }
`;

let project: TemporaryProject;

beforeEach(async () => {
	project = createProject({ "pipelines/orders.yaml": ORDERS });
	await fillLocalLake(project.root, "orders", [
		[1, 2, 3].map((number) => streamRecord({ number })),
		[2, 3, 4].map((number) => streamRecord({ number, item: "b", eventName: "MODIFY" })),
	]);
});
afterEach(() => project.remove());

test("ls: the hours, their objects, and whether something may still be added", async () => {
	const { code, stdout } = await runCli(project.root, ["lake", "ls", "orders", "--format", "json"]);
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({
		partition: "dt=2026-11-24/hour=09",
		objects: 2,
		records: 6,
		strangers: [],
	});
});

test("cat: chosen records, flat", async () => {
	const where = "{ events: [MODIFY], new: { total: { gt: 12345678901234567890 } } }";
	const argv = ["lake", "cat", "orders", "--where", where, "--content", "item", "--limit", "2"];
	const { code, stdout } = await runCli(project.root, argv);
	expect(code).toBe(0);
	expect(stdout.trim().split("\n")).toEqual([
		expect.stringContaining('{"orderId":"b","total":12345678901234567890.5,"_event":"MODIFY"'),
		expect.stringContaining('"_id":'),
	]);
});

test("verify: a lake whose table is gone is held to itself, and nobody can say more", async () => {
	const { code, stdout, stderr } = await runCli(project.root, ["lake", "verify", "orders"]);
	// These records were made without regard to each other's images.
	expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("verdict  4 findings") });
	expect(stdout).toContain("it knows none");
	expect(stderr).not.toContain("internal error");
	const asked = await runCli(project.root, ["lake", "verify", "orders", "--witness", "stream"]);
	expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining("nobody to ask") });
});

test("manifest: QuickSight's own format", async () => {
	const { code, stdout, stderr } = await runCli(project.root, ["lake", "manifest", "orders", "--consumer", "rows"]);
	expect(code).toBe(0);
	expect(stderr).toContain("rows names no `columns`");
	expect(JSON.parse(stdout)).toEqual({
		fileLocations: [{ URIPrefixes: ["s3://tributary-local-exports-000000000000-us-east-1/quicksight/orders/"] }],
		globalUploadSettings: { format: "JSON" },
	});
});

test.each([
	[["lake", "manifest", "orders"], 2, "--consumer is missing"],
	[["lake", "manifest", "orders", "--consumer", "row"], 2, 'Did you mean "rows"?'],
	[["lake", "manifest", "orders", "--consumer", "copies"], 2, "writes no flat rows"],
	[["lake"], 2, "Usage: pipeline lake <command>"],
	[["lake", "sl", "orders"], 2, 'There is no command "lake sl"'],
	[["lake", "cat", "ordres"], 2, 'Did you mean "orders"?'],
	[["lake", "cat", "orders", "--from", "1h", "--to", "2h"], 2, "The range ends before it starts"],
	[["lake", "cat", "orders", "--from", "yesterday"], 2, "give a date"],
	[["lake", "cat", "orders", "--where", "{ evnts: [INSERT] }"], 1, 'Did you mean "events"?'],
	[["lake", "query", "orders", ""], 2, "The query is empty"],
	[["lake", "query", "orders", "SELECT 1", "--format", "csv", "--out", "nowhere/a.csv"], 2, "there is no folder"],
	[["lake", "query", "orders", "SELECT 1", "--format", "csv", "--out", "pipelines"], 2, "that is a folder"],
	[["fixtures", "pull", "orders", "--test", " "], 2, "--test: give the test a name"],
	[["lake", "cat", "orders", "--data", "elsewhere"], 2, "holds no data of a local run"],
] as const)("%j: one message", async (argv, code, message) => {
	const result = await runCli(project.root, argv);
	expect(result).toMatchObject({ code, stdout: "" });
	expect(result.stderr).toContain(message);
});
