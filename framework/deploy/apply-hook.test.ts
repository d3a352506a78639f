import { expect, test } from "vitest";
import { UsageError } from "../diagnostics/usage-error.ts";
import { applyHook } from "./apply-hook.ts";
import { defineHooks, type Hooks } from "./hooks.ts";

const TYPE = "aws:dynamodb/table:Table";
const planned = {
	environment: "prod",
	pipeline: "orders",
	id: "table",
	name: "orders--table",
	args: { name: "tributary-prod-orders" },
	options: { protect: true, ignoreChanges: ["one"] },
};

test("without a hook, or with one that answers nothing, a resource is made as planned", () => {
	const same = { args: planned.args, options: planned.options };
	expect(applyHook({}, TYPE, planned)).toMatchObject(same);
	expect(applyHook(defineHooks({ [TYPE]: () => {} }), TYPE, planned)).toMatchObject(same);
});

test("a hook sees the resource and answers other arguments; options are merged", () => {
	const hooks = defineHooks({
		[TYPE]: ({ args, pipeline }) => ({
			args: { ...args, tags: { pipeline: pipeline ?? "none" } },
			options: { protect: false, ignoreChanges: ["two"] },
		}),
	});
	expect(applyHook(hooks, TYPE, planned)).toMatchObject({
		args: { name: "tributary-prod-orders", tags: { pipeline: "orders" } },
		options: { protect: false, ignoreChanges: ["one", "two"] },
	});
});

test.each([
	["a word", () => "table", "answered a string"],
	["null", () => null, "answered null"],
	["a list", () => [], "answered a list"],
	["a promise", async () => ({}), "answered a promise (a hook is not asynchronous)"],
	["arguments alone", () => ({ tags: {} }), 'answered the unknown key "tags"'],
	["arguments that are none", () => ({ args: "x" }), "answered a string as args"],
	[
		"an exception",
		() => {
			throw new Error("no such index");
		},
		"threw: no such index",
	],
])("a hook that answers %s is refused by name", (_, hook, message) => {
	const hooks = { [TYPE]: hook } as unknown as Hooks;
	const run = () => applyHook(hooks, TYPE, planned);
	expect(run).toThrow(UsageError);
	expect(run).toThrow(`The hook for ${TYPE} of pipelines/hooks.ts, called for orders--table, ${message}`);
});
