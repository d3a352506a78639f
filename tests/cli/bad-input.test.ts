import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createProject, runCli, type TemporaryProject } from "../../framework/testing/run-cli.ts";

const GOOD = `name: orders
table:
  keys: { partition: { name: id, type: S } }
  viewType: NEW_IMAGE
consumers:
  - name: crm
    kind: http
    with: { url: https://crm.example.com/events }
`;

let project: TemporaryProject | undefined;
afterEach(() => project?.remove());

const pipelines = (files: Readonly<Record<string, string | Uint8Array>>): TemporaryProject => {
	project = createProject(Object.fromEntries(Object.entries(files).map(([name, text]) => [`pipelines/${name}`, text])));
	return project;
};

interface Reported {
	code: string;
	file: string;
	line: number;
	column: number;
	help: string;
}

async function validate(files: Readonly<Record<string, string | Uint8Array>>) {
	const result = await runCli(pipelines(files).root, ["validate", "--format", "json"]);
	const { diagnostics } = JSON.parse(result.stdout) as { diagnostics: Reported[] };
	return { ...result, diagnostics };
}

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
for (const [index, name] of [..."bcdefghij"].entries())
	bomb.push(`${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(", ")}]`);

test.each<[string, Record<string, string | Uint8Array>, string, number]>([
	["broken YAML", { "orders.yaml": GOOD.replace("{ name: id, type: S }", "{ name: id, type: S") }, "yaml-syntax", 1],
	["a duplicate key", { "orders.yaml": `${GOOD}owner: a\nowner: b\n` }, "yaml-duplicate-key", 10],
	["an unknown kind", { "orders.yaml": GOOD.replace("kind: http", "kind: htpt") }, "kind-unknown", 7],
	["a wrong type", { "orders.yaml": `${GOOD}enabled: "yes"\n` }, "value-type", 9],
	["an anchor bomb", { "orders.yaml": `${bomb.join("\n")}\n` }, "yaml-too-many-aliases", 1],
	["an empty file", { "orders.yaml": "" }, "file-empty", 1],
	["a file that is not UTF-8", { "orders.yaml": Buffer.from([0x6e, 0xff, 0xfe, 0x0a]) }, "file-not-utf8", 1],
	["a name that is not the file's", { "shop.yaml": GOOD }, "name-mismatch", 1],
	["two pipelines of one name", { "orders.yaml": GOOD, "orders.yml": GOOD }, "name-duplicate", 1],
	["a key that is not known", { "orders.yaml": `${GOOD}ownr: shop\n` }, "key-unknown", 9],
	["a key whose support follows", { "orders.yaml": `${GOOD}    select: [id]\n` }, "setting-unsupported", 9],
	["a schema that is not there", { "orders.yaml": `${GOOD}itemSchema: order\n` }, "item-schema-missing", 9],
])("%s: a code, a place, exit 1", async (_name, files, code, leastLine) => {
	const { code: exit, stderr, diagnostics } = await validate(files);
	expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
	const found = diagnostics.find((diagnostic) => diagnostic.code === code);
	expect(found?.line).toBeGreaterThanOrEqual(leastLine);
	expect(found?.help).not.toBe("");
	expect(exit).toBe(1);
	expect(stderr).not.toMatch(/^\s+at /m);
});

test("brackets left open are told once, where the writing ends", async () => {
	const { diagnostics } = await validate({
		"orders.yaml": "name: orders\ntable: { keys: { partition: { name: id }\n\n",
	});
	expect(diagnostics).toMatchObject([{ code: "yaml-syntax", line: 2, column: 41 }]);
});

test("dev has nothing to run without a pipeline: exit 2, no folder", async () => {
	const { root } = pipelines({});
	const { code, stderr } = await runCli(root, ["dev", "--port", "0", "--data", `${root}/data`]);
	expect(code).toBe(2);
	expect(stderr).toContain("There is no pipeline to run");
	expect(existsSync(`${root}/data`)).toBe(false);
});

test("a good file raises nothing", async () => {
	expect(await validate({ "orders.yaml": GOOD })).toMatchObject({ code: 0 });
});

test("several mistakes are all reported at once", async () => {
	const { diagnostics } = await validate({
		"orders.yaml": `${GOOD.replace("kind: http", "kind: htpt")}ownr: shop\nenabled: 5\n`,
	});
	expect(diagnostics.map(({ code }) => code)).toEqual(
		expect.arrayContaining(["kind-unknown", "key-unknown", "value-type"]),
	);
});

test("a path that does not exist could not run: exit 2", async () => {
	expect(await runCli(pipelines({ "orders.yaml": GOOD }).root, ["validate", "nowhere.yaml"])).toMatchObject({
		code: 2,
		stdout: "",
		stderr: expect.stringContaining("nowhere.yaml"),
	});
});

test.each([
	["a missing event file", null, "event.json"],
	["an event that is not JSON", "{", "JSON"],
	["an event without Records", "{}", "Records"],
	["an event whose Records are no list", '{"Records":5}', "Records"],
])("invoke refuses %s: exit 2, no stack trace", async (_name, event, words) => {
	const { root, write } = pipelines({ "orders.yaml": GOOD });
	if (event !== null) write("event.json", event);
	const { code, stdout, stderr } = await runCli(root, ["invoke", "orders", "router", "--event", "event.json"]);
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toContain(words);
	expect(stderr).not.toMatch(/internal error|^\s+at /m);
});

test.each([
	[["plan", "ordrs"], 'Did you mean "orders"?'],
	[["plan", "--env", "prd"], 'Did you mean "prod"?'],
	[["invoke", "orders", "ruoter", "--event", "e.json"], 'Did you mean "router"?'],
])("%j: an unknown name gets the near one, exit 2", async (argv, words) => {
	const { root, write } = pipelines({ "orders.yaml": GOOD });
	write("e.json", '{"Records":[]}');
	const { code, stderr } = await runCli(root, argv);
	expect(code).toBe(2);
	expect(stderr).toContain(words);
});

test("a port in use: dev says so and how to go on, exit 2", async () => {
	const { root } = pipelines({ "orders.yaml": GOOD });
	const server = createServer().listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	const { port } = server.address() as AddressInfo;
	const { code, stdout, stderr } = await runCli(root, ["dev", "--port", String(port), "--data", `${root}/data`]);
	server.close();
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toContain(String(port));
	expect(stderr).toContain("--port 0");
});
