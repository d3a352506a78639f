import { beforeAll, expect, test } from "vitest";
import { diffRuns } from "../../framework/testing/pulumi/diff-runs.ts";
import { resourceOf } from "../../framework/testing/pulumi/graph.ts";
import { type Run, type RunSettings, runProgram } from "../../framework/testing/pulumi/host.ts";
import { renderGraph } from "../../framework/testing/pulumi/render-graph.ts";
import { captureExample, folder } from "./example.ts";

const FUNCTION = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

const run = (settings: Partial<RunSettings> = {}): Promise<Run> =>
	runProgram(folder, { stack: "dev", secrets: { password: "hunter2" }, ...settings });

let first: Run;
beforeAll(async () => {
	first = await run();
});

test("the real host asks for what the same program asks for in process", async () => {
	expect(first).toMatchObject({ exitCode: 0, logs: [], stderr: "" });
	const { graph } = await captureExample();
	expect(renderGraph(first.graph, { root: folder, hashes: true })).toBe(
		renderGraph(graph, { root: folder, hashes: true }),
	);
});

test("secrets arrive as secrets, in inputs and outputs", () => {
	const { inputs } = resourceOf(first.graph, FUNCTION, "orders-function");
	expect(inputs.environment).toEqual({ variables: { TABLE: "orders-table", PASSWORD: { $secret: "hunter2" } } });
	expect(first.graph.outputs.hidden).toEqual({ $secret: "a secret output" });
});

test("a preview's unknowns stay unknown through inputs and outputs", async () => {
	const preview = await run({ preview: true });
	expect(preview.exitCode).toBe(0);
	expect(resourceOf(preview.graph, MAPPING, "orders-mapping").inputs.eventSourceArn).toEqual({ $unknown: true });
	expect(preview.graph.outputs).toMatchObject({ streamArn: { $unknown: true }, greeting: "hello" });
});

test("an unchanged second run asks for the same, and finds the same", async () => {
	const second = await run({ state: first.state });
	expect(diffRuns(first, second)).toEqual({ added: [], removed: [], changed: [] });
	expect(second.state).toEqual(first.state);
});

test("a mistake of the user is a message without a stack, before anything is registered", async () => {
	const failed = await run({ config: { mistake: "diagnostic" } });
	expect(failed.exitCode).toBe(32);
	expect(failed.logs).toEqual([
		{ severity: "error", message: "error[TRB0000]: the greeting is rude\n  help: say hello" },
	]);
	expect(failed.graph.resources).toEqual([]);
	expectQuick(failed);
});

test("a bug is an error with its stack", async () => {
	const failed = await run({ config: { mistake: "bug" } });
	expect(failed.exitCode).toBe(32);
	expect(failed.logs).toEqual([
		{ severity: "error", message: expect.stringContaining("TypeError: this is a bug\n    at") },
	]);
	expectQuick(failed);
});

test("a missing secret is named", async () => {
	const failed = await run({ secrets: {} });
	expect(failed.logs).toEqual([{ severity: "error", message: expect.stringContaining("example:password") }]);
	expect(failed.exitCode).not.toBe(0);
});

test("what a resource asks of an engine that ours is not is refused", async () => {
	const failed = await run({ config: { mistake: "transform" } });
	expect(failed.exitCode).not.toBe(0);
	expect(failed.logs[0]?.message).toMatch(/does not support transforms/);
});

/** Node 20 and 22 take ten to thirty times as long as the program to print an uncaught error. */
function expectQuick(failed: Run): void {
	expect(Number(failed.cpuMilliseconds) / Number(first.cpuMilliseconds)).toBeLessThan(3);
}
