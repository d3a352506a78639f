import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { streamRecord } from "../../testing/factories.ts";
import { createProject, runCli, type TemporaryProject } from "../../testing/run-cli.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

const orders = (fanOut: string): string => `
name: orders
table: { keys: { partition: { name: orderId, type: S } }, viewType: NEW_AND_OLD_IMAGES }
fanOut: ${fanOut}
consumers:
  - name: paid
    kind: http
    when: { events: [INSERT, MODIFY], new: { status: PAID, total: { gte: 100 } }, changed: [status] }
    retry: { budgetSeconds: 50 }
    with: { url: https://crm.example.com/events, signingSecret: "secretsmanager:crm" }
  - name: score
    kind: lambda
    when: { events: [INSERT] }
    with: { functionName: score, content: event }
`;

let project: TemporaryProject;
afterEach(() => project?.remove());

const run = async (tests: string, fanOut = "kinesis", ...argv: string[]) => {
	project = createProject({ "pipelines/orders.yaml": orders(fanOut), "pipelines/orders.test.yaml": tests });
	return runCli(project.root, ["test", ...argv]);
};

test("the shipped pipelines' own tests pass", async () => {
	const { code, stdout } = await runCli(repository, ["test"]);
	expect(stdout).toMatch(/, 0 failed|passed, 0 failed/);
	expect(code).toBe(0);
});

const PASSING = `
tests:
  - name: only what becomes paid is sent
    given:
      - put: { orderId: a, status: NEW, total: 12345678901234567890.5 }
      - update: { orderId: a, status: PAID }
      - update: { orderId: a, note: again }
      - put: { orderId: b, status: PAID, total: 99.99 }
    expect:
      paid: { requests: [{ body: { data: { new: { total: 12345678901234567890.50 }, old: { status: NEW } } } }] }
      score: { delivered: 2, calls: [{ operation: Invoke, input: { Payload: { events: [{ type: tributary.item.insert.v1 }, {}] } } }] }
      lake: { records: 4 }
  - name: what cannot be delivered within its budget is parked, and nobody else waits for it
    given: [{ put: { orderId: a, status: PAID, total: 100 } }]
    fail: { paid: [503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503] }
    expect:
      paid: { delivered: 0, parked: 1, deadLetters: [{ reason: within 50 s }] }
      score: { delivered: 1 }
`;

describe.each(["kinesis", "direct"])("in a %s fan-out", (fanOut) => {
	test("tests run on the pipeline's own functions, filters and retries", async () => {
		const { stdout } = await run(PASSING, fanOut);
		// How often it is tried within its budget is the mapping's affair: that some failures are left is told.
		const told = stdout.replace(/\(\d+ ms\)/g, "(n ms)");
		expect(told).toContain("✓ only what becomes paid is sent");
		expect(told).not.toContain("test-mismatch");
	});
});

test("a difference is shown at its line, in words", async () => {
	const { code, stdout } = await run(`
tests:
  - name: wrong
    given: [{ put: { orderId: a, status: PAID, total: 100 } }]
    expect:
      paid:
        requests:
          - body: { data: { new: { status: paid } } }
      score: nothing
`);
	expect(code).toBe(1);
	expect(stdout).toContain("pipelines/orders.test.yaml:8:44: error: Test expected something else [test-mismatch]");
	expect(stdout).toContain('paid: requests[0].body.data.new.status: expected "paid", got "PAID".');
	expect(stdout).toContain("score: expected nothing, got 1 records delivered");
	expect(stdout).toContain('not exercised: paid: no test in which "');
	expect(stdout).toContain("0 passed, 1 failed");
});

test("--update writes what came, keeps comments, and passes from then on", async () => {
	const tests = `
tests:
  - name: anything
    # Why this test is here.
    given: [{ put: { orderId: a, status: PAID, total: 12345678901234567890.5, none: { $NULL: true } } }]
    expect: { paid: nothing, score: nothing, lake: { records: 7 } }
`;
	expect((await run(tests, "kinesis", "--update")).code).toBe(0);
	const written = readFileSync(`${project.root}/pipelines/orders.test.yaml`, "utf8");
	expect(written).toContain("# Why this test is here.");
	expect(written).toContain('$N: "12345678901234567890.5"');
	const again = await runCli(project.root, ["test"]);
	expect(again.stdout).toContain("1 passed, 0 failed");
});

test("fixtures: an event as AWS has it", async () => {
	project = createProject({
		"pipelines/orders.yaml": orders("kinesis"),
		"pipelines/fixtures/event.json": JSON.stringify({
			Records: [streamRecord({ number: 1 }), streamRecord({ number: 2 })],
		}),
		"pipelines/fixtures/broken.json": "{",
		"pipelines/orders.test.yaml":
			"tests: [{ name: f, given: [{ fixture: fixtures/event.json }, { fixture: fixtures/event.json }], expect: { score: { delivered: 2 }, lake: { records: 4 } } }]",
		"pipelines/broken.test.yaml":
			"pipeline: orders\ntests: [{ name: f, given: [{ fixture: fixtures/broken.json }], expect: { score: nothing } }]",
	});
	expect((await runCli(project.root, ["test", "pipelines/orders.test.yaml"])).stdout).toContain("1 passed, 0 failed");
	const broken = await runCli(project.root, ["test", "pipelines/broken.test.yaml"]);
	expect(broken.code).toBe(1);
	expect(broken.stdout).toContain("Fixture cannot be used [test-fixture]");
});

test("JUnit and GitHub read the results", async () => {
	const tests = `tests: [{ name: "<x>", given: [{ put: { orderId: a } }], expect: { score: nothing } }]`;
	const junit = await run(tests, "kinesis", "--format", "junit");
	expect(junit.stdout).toMatch(
		/<testcase classname="orders" name="&lt;x&gt;" time="[\d.]+">\n {6}<failure message="score: expected/,
	);
	project.remove();
	const broken = await run("tests: [{ nam: x }]", "kinesis", "--format", "junit");
	expect(broken.code).toBe(1);
	expect(broken.stdout).toMatch(/<testsuite name="pipelines\/orders.test.yaml" tests="1" failures="0" errors="1">/);
	expect((await runCli(project.root, ["test"])).stdout).toContain("0 passed, 0 failed, 1 file not run");
	project.remove();
	const github = await run(tests, "kinesis", "--format", "github");
	expect(github.stdout).toMatch(/^::error file=pipelines\/orders.test.yaml,line=1,/);
});

test.each([
	["an unknown consumer", "given: [{ put: { orderId: a } }]\n    expect: { pad: nothing }", 'Did you mean "paid"'],
	[
		"a write without its key",
		"given: [{ put: { id: a } }]\n    expect: { paid: nothing }",
		"It lacks the key attribute orderId.",
	],
	["a key of another type", "given: [{ put: { orderId: 1 } }]\n    expect: { paid: nothing }", "is not of the type S"],
	[
		"a failure that nothing meets",
		"given: [{ put: { orderId: a } }]\n    fail: { paid: [503] }\n    expect: { paid: nothing }",
		"met no attempt",
	],
	[
		"an unknown way to fail",
		"given: [{ put: { orderId: a } }]\n    fail: { paid: [often] }\n    expect: { paid: nothing }",
		"no way for an attempt to fail",
	],
	[
		"an unknown type",
		"given: [{ put: { orderId: a, x: { $X: 1 } } }]\n    expect: { paid: nothing }",
		"There is no type $X",
	],
	[
		"a number of too many digits",
		`given: [{ put: { orderId: a, x: ${"9".repeat(40)} } }]\n    expect: { paid: nothing }`,
		"DynamoDB holds no number",
	],
])("%s is refused", async (_title, test, message) => {
	const { code, stdout, stderr } = await run(`tests:\n  - name: t\n    ${test}\n`);
	expect(code).toBe(1);
	expect(stdout + stderr).toContain(message);
});
