import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { diffRuns } from "../../framework/testing/pulumi/diff-runs.ts";
import { assetOf, isUnknown, resourceOf } from "../../framework/testing/pulumi/graph.ts";
import { type Run, type RunSettings, runProgram } from "../../framework/testing/pulumi/host.ts";

// Each run is a process of its own that bundles every function: a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "project-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LAMBDA = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** A clone of this project, with other files in it. */
function createProject(name: string, files: Record<string, string> = {}): string {
	const project = join(folder, name);
	mkdirSync(project);
	for (const shared of ["framework", "consumers", "schemas", "node_modules", "package.json"])
		symlinkSync(join(root, shared), join(project, shared));
	for (const own of ["Pulumi.yaml", ...["dev", "prod", "local"].map((stack) => `Pulumi.${stack}.yaml`), "pipelines"])
		cpSync(join(root, own), join(project, own), { recursive: true });
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(dirname(join(project, file)), { recursive: true });
		writeFileSync(join(project, file), text);
	}
	return project;
}

/** A fresh account, as the provider says that something is not there. */
const notThere = (what: string) => () => {
	throw new Error(`reading ${what}: couldn't find resource`);
};
const FRESH = {
	"aws:dynamodb/getTable:getTable": notThere("Amazon DynamoDB Table"),
	"aws:kinesis/getStream:getStream": notThere("Kinesis Stream"),
};

const run = (project: string, settings: Partial<RunSettings> = {}): Promise<Run> =>
	runProgram(project, { stack: "dev", ...settings, answers: { ...FRESH, ...settings.answers } });
const said = ({ logs, stderr }: Run) =>
	[...logs.map(({ severity, message }) => `${severity}: ${message}`), stderr].join("");

test("the shipped project: previewed, deployed, and deployed again without a change", async () => {
	const project = createProject("shipped");
	const preview = await run(project, { preview: true });
	expect([preview.exitCode, said(preview)]).toEqual([0, ""]);
	const mapping = resourceOf(preview.graph, MAPPING, "user-actions--lake-mapping");
	expect(mapping.inputs.batchSize).toBe(1000);
	expect(isUnknown(mapping.inputs.eventSourceArn)).toBe(true);

	const first = await run(project);
	expect([first.exitCode, said(first)]).toEqual([0, ""]);
	expect(first.graph.outputs.pipelines).toMatchObject({
		"user-actions": {
			table: { name: "tributary-dev-user-actions" },
			lake: { bucket: "tributary-dev-lake-123456789012-eu-west-1", prefix: "pipeline=user-actions/" },
		},
	});
	expect(first.graph.resources.map(({ urn }) => urn).sort()).toEqual(
		preview.graph.resources.map(({ urn }) => urn).sort(),
	);

	const second = await run(project, { state: first.state });
	expect(diffRuns(first, second)).toEqual({ added: [], removed: [], changed: [] });
});

test("functions of one role and the same kinds share their code; each has its own manifest", async () => {
	const consumer = (name: string) =>
		`  - { name: ${name}, kind: s3, when: { events: [INSERT] }, with: { content: item, prefix: ${name} } }\n`;
	const project = createProject("shared", {
		"pipelines/user-actions.yaml": `name: user-actions\ntable: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }\nconsumers:\n${consumer("one")}${consumer("two")}`,
	});
	const { graph, exitCode } = await run(project);
	expect(exitCode).toBe(0);
	const entriesOf = (id: string) =>
		assetOf(resourceOf(graph, LAMBDA, `user-actions--${id}-lambda`).inputs.code)?.entries ?? {};
	const [one, two, lake] = [entriesOf("one"), entriesOf("two"), entriesOf("lake")];
	expect(Object.keys(one)).toEqual(["index.mjs", "manifest.json"]);
	expect(one["index.mjs"]).toEqual(two["index.mjs"]);
	expect(one["index.mjs"]?.path).toMatch(/^\.\.\/.*\.tributary\/bundles\/consumer\+s3\.mjs$/);
	expect(one["index.mjs"]?.hash).not.toBe(lake["index.mjs"]?.hash);
	expect(JSON.parse(one["manifest.json"]?.text ?? "")).toMatchObject({
		function: "one",
		stateTable: "tributary-dev--state",
	});
});

test("a stack's configuration reaches its resources", async () => {
	const project = createProject("configured", {
		"pipelines/left-out.yaml":
			"name: left-out\ntable: { keys: { partition: { name: id, type: S } }, viewType: NEW_IMAGE }\nconsumers: [{ name: all, kind: s3, with: { content: item } }]\n",
	});
	const { exitCode, graph } = await run(project, {
		stack: "prod",
		config: {
			"aws:region": "us-gov-west-1",
			"tributary:accounts": ["123456789012"],
			"tributary:logRetentionDays": 400,
			"tributary:namePrefix": "shop",
			"tributary:pipelines": "user-actions",
			"tributary:tags": { team: "platform", costCentre: "0000" },
		},
		answers: {
			"aws:index/getCallerIdentity:getCallerIdentity": () => ({
				accountId: "123456789012",
				arn: "arn:aws-us-gov:sts::123456789012:assumed-role/deploy/session",
			}),
		},
	});
	expect(exitCode).toBe(0);
	expect(Object.keys(graph.outputs.pipelines as object)).toEqual(["user-actions"]);
	const { inputs, options } = resourceOf(graph, "aws:dynamodb/table:Table", "user-actions--table");
	expect(inputs.name).toBe("shop-prod-user-actions");
	// The definition's tag comes before the stack's.
	expect(inputs.tags).toMatchObject({ team: "platform", costCentre: "4711", "tributary:pipeline": "user-actions" });
	expect(options.protect).toBe(true);
	const logs = resourceOf(graph, "aws:cloudwatch/logGroup:LogGroup", "user-actions--lake-logs");
	expect(logs.inputs).toMatchObject({ name: "/aws/lambda/shop-prod-user-actions--lake", retentionInDays: 400 });
	const policy = String(resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", "user-actions--lake-policy").inputs.policy);
	expect(policy).toContain("arn:aws-us-gov:s3:::shop-prod-lake-123456789012-us-gov-west-1/");
	expect(policy).not.toContain("arn:aws:");
});

test("the environment `local` goes to an emulator, and its webhooks to the stack's receiver", async () => {
	const { exitCode, graph } = await run(createProject("emulated"), { stack: "local" });
	expect(exitCode).toBe(0);
	const { code } = resourceOf(graph, LAMBDA, "user-actions--engagement-lambda").inputs;
	const manifest = JSON.parse(assetOf(code)?.entries?.["manifest.json"]?.text ?? "");
	expect(manifest.consumers[0].settings.url).toBe("http://host.docker.internal:9999/user-actions/engagement");
	expect(JSON.stringify(graph)).not.toContain("${receiver}");
});

test("a secret that a hook passes on stays one, in a preview too", async () => {
	const project = createProject("secret", {
		"pipelines/hooks.ts": `import { Config } from "@pulumi/pulumi";
import { defineHooks } from "../framework/deploy/hooks.ts";

export const hooks = defineHooks({
	"aws:lambda/function:Function": ({ args }) => ({
		args: { ...args, environment: { variables: { TOKEN: new Config("shop").requireSecret("token") } } },
	}),
});
`,
	});
	for (const preview of [true, false]) {
		const { graph, exitCode } = await run(project, { preview, secrets: { "shop:token": "open-sesame" } });
		expect(exitCode).toBe(0);
		const { environment } = resourceOf(graph, LAMBDA, "user-actions--lake-lambda").inputs;
		expect(environment).toEqual({ variables: { TOKEN: { $secret: "open-sesame" } } });
	}
});

test.each([
	["no region", { config: { "aws:region": undefined } }, "has no region"],
	["a stack without an environment", { stack: "deb" }, 'There is no environment "deb". Did you mean "dev"?'],
	["another account", { config: { "tributary:accounts": ["111111111111"] } }, "may go to 111111111111 only"],
	["an unknown pipeline", { config: { "tributary:pipelines": ["user-action"] } }, 'Did you mean "user-actions"?'],
])("%s: one message, nothing made, and at once", async (_, settings, message) => {
	const refused = await run(root, settings as Partial<RunSettings>);
	expect(refused.exitCode).toBe(32);
	expect(refused.graph.resources).toEqual([]);
	const errors = refused.logs.filter(({ severity }) => severity === "error");
	expect(errors).toHaveLength(1);
	expect(errors[0]?.message).toContain(message);
	expect(said(refused)).not.toMatch(/^\s+at /m);
});

test("an adopted table is looked up before anything is made, and what differs harmlessly is a warning", async () => {
	const project = createProject("adopted", {
		"pipelines/user-actions.yaml": `name: user-actions
table:
  existing: actions
  keys: { partition: { name: id, type: S } }
  ttl: expiresAt
  viewType: NEW_IMAGE
consumers: [{ name: all, kind: s3, with: { content: item, prefix: all } }]
`,
	});
	const arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/actions";
	const table = {
		arn,
		attributes: [{ name: "id", type: "S" }],
		hashKey: "id",
		rangeKey: "",
		replicas: [],
		serverSideEncryption: { enabled: false, kmsKeyArn: "" },
		streamArn: `${arn}/stream/2026-01-01T00:00:00.000`,
		streamEnabled: true,
		streamViewType: "NEW_IMAGE",
		ttl: { attributeName: "", enabled: false },
	};
	const adopt = (found: () => Record<string, unknown>) =>
		run(project, { answers: { "aws:dynamodb/getTable:getTable": found } });
	const { exitCode, logs, graph } = await adopt(() => table);
	expect(exitCode).toBe(0);
	expect(logs.map(({ severity }) => severity)).toEqual(["warning"]);
	expect(logs[0]?.message).toContain('The table "actions" deletes nothing by TTL, the definition says expiresAt.');
	// That of the state alone, beside the table of the other shipped pipeline.
	const tables = graph.resources.filter(({ type }) => type === "aws:dynamodb/table:Table");
	expect(tables.filter(({ name }) => !name.startsWith("sessions"))).toHaveLength(1);
	expect(tables).toHaveLength(2);
	expect(resourceOf(graph, MAPPING, "user-actions--lake-mapping").inputs.eventSourceArn).toBe(table.streamArn);

	const refused = await adopt(() => {
		throw new Error("reading Amazon DynamoDB Table (actions): couldn't find resource");
	});
	expect([refused.exitCode, refused.graph.resources]).toEqual([32, []]);
	expect(said(refused)).toContain('There is no table "actions" in this account and region.');
});

test("a hook that throws is named, without a stack", async () => {
	const project = createProject("throwing", {
		"pipelines/hooks.ts": `import { defineHooks } from "../framework/deploy/hooks.ts";

export const hooks = defineHooks({
	"aws:kinesis/stream:Stream": () => {
		throw new Error("no such stream");
	},
});
`,
	});
	const refused = await run(project);
	expect(refused.exitCode).toBe(32);
	expect(said(refused)).toContain("called for user-actions--fan-out, threw: no such stream");
	expect(said(refused)).not.toMatch(/^\s+at /m);
});
