import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../framework/local/clock.ts";
import { runBundle } from "../../framework/local/functions/bundled-function.ts";
import { functionEnvironment } from "../../framework/local/functions/environment.ts";
import type { LocalFunction } from "../../framework/local/functions/invocation.ts";
import { runHandler } from "../../framework/local/functions/plain-function.ts";
import { fakeClock } from "../../framework/testing/fake-clock.ts";

let dir: string;
let running: LocalFunction | null = null;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "function-"));
});
afterEach(async () => {
	await running?.close();
	running = null;
	rmSync(dir, { recursive: true, force: true });
});

/** A function whose handler has this body; `event`, `context` and `calls` (of this container) are in scope. */
function start(body: string, clock = systemClock, reservedConcurrency: number | null = null): LocalFunction {
	const file = join(dir, "index.mjs");
	writeFileSync(file, `let calls = 0;\nexport const handler = async (event, context) => { calls++; ${body} };\n`);
	running = runBundle({
		bundle: pathToFileURL(file).href,
		environment: functionEnvironment({
			functionName: "local-orders-lake",
			memoryMb: 256,
			endpoint: "http://127.0.0.1:8010",
			region: "us-east-1",
			dataDir: dir,
		}),
		timeoutSeconds: 3,
		reservedConcurrency,
		logFile: join(dir, "logs", "function.log"),
		clock,
	});
	return running;
}

test("an event goes in and an answer comes out as JSON; a container is used again", async () => {
	const lambda = start("return { seen: event.Records.length, calls, left: context.getRemainingTimeInMillis() > 0 };");
	expect(await lambda.invoke('{"Records":[1,2]}')).toMatchObject({
		status: "answered",
		response: { seen: 2, calls: 1, left: true },
	});
	expect(await lambda.invoke('{"Records":[]}')).toMatchObject({ response: { seen: 0, calls: 2 } });
});

test("a function sees Lambda's variables and none of this process", async () => {
	process.env.TRIBUTARY_TEST_SECRET = "leaks";
	const { response } = (await start("return process.env;").invoke("{}")) as { response: Record<string, string> };
	delete process.env.TRIBUTARY_TEST_SECRET;
	expect(response).toMatchObject({
		AWS_ENDPOINT_URL: "http://127.0.0.1:8010",
		AWS_LAMBDA_FUNCTION_NAME: "local-orders-lake",
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
	});
	expect(response).not.toHaveProperty("TRIBUTARY_TEST_SECRET");
	expect(response).not.toHaveProperty("HOME");
});

test("what it throws is a function error, and the container lives on", async () => {
	const lambda = start('if (calls === 1) throw new TypeError("boom"); return { calls };');
	expect(await lambda.invoke("{}")).toMatchObject({ status: "failed", error: "TypeError: boom" });
	expect(await lambda.invoke("{}")).toMatchObject({ status: "answered", response: { calls: 2 } });
});

test("a container that dies is a function error; the next invocation has a fresh one", async () => {
	const lambda = start("if (event.die) process.exit(7); return { calls };");
	expect(await lambda.invoke('{"die":true}')).toMatchObject({
		status: "failed",
		error: "Runtime exited with status 7",
	});
	expect(await lambda.invoke("{}")).toMatchObject({ status: "answered", response: { calls: 1 } });
});

test("a function that hangs is ended at its timeout", async () => {
	const clock = fakeClock();
	const lambda = start("if (event.hang) for (;;); return { calls };", clock);
	const hanging = lambda.invoke('{"hang":true}');
	await new Promise((resolve) => setImmediate(resolve));
	clock.advance(3000);
	expect(await hanging).toMatchObject({ status: "failed", error: "Task timed out after 3.00 seconds" });
	expect(await lambda.invoke("{}")).toMatchObject({ response: { calls: 1 } });
});

test("what it prints goes to its log file", async () => {
	const lambda = start('console.log("hello from the lake"); console.error("and a warning"); return null;');
	await lambda.invoke("{}");
	await lambda.close();
	running = null;
	expect(readFileSync(join(dir, "logs", "function.log"), "utf8")).toMatch(
		/hello from the lake\n(.*\n)*and a warning\n/,
	);
});

test("a bundle that does not load is a function error", async () => {
	const lambda = start("}; throw new Error('bad build'); {");
	expect(await lambda.invoke("{}")).toMatchObject({ status: "failed", error: expect.stringContaining("bad build") });
});

test("a plain handler stands in for a bundle", async () => {
	const clock = fakeClock();
	const lambda = runHandler(async (event) => ({ batchItemFailures: [{ itemIdentifier: String(event) }] }), 3, clock);
	expect(await lambda.invoke("7")).toMatchObject({ response: { batchItemFailures: [{ itemIdentifier: "7" }] } });
});

test("no more run at once than are reserved; the others wait", async () => {
	const containersOf = async (reservedConcurrency: number | null): Promise<number> => {
		const lambda = start("return globalThis.self ??= Math.random();", systemClock, reservedConcurrency);
		const answers = await Promise.all(Array.from({ length: 6 }, () => lambda.invoke("{}")));
		await lambda.close();
		running = null;
		return new Set(answers.map((answer) => answer.status === "answered" && answer.response)).size;
	};
	expect(await containersOf(1)).toBe(1);
	expect(await containersOf(2)).toBe(2);
	expect(await containersOf(null)).toBe(4);
});
