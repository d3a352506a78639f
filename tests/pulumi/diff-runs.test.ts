import { dynamodb, kinesis, lambda } from "@pulumi/aws";
import { asset, Stash } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { Captured } from "../../framework/testing/pulumi/capture.ts";
import { diffRuns } from "../../framework/testing/pulumi/diff-runs.ts";
import { readProviderTypes } from "../../framework/testing/pulumi/provider-types.ts";
import { replacements } from "../../framework/testing/pulumi/replacements.ts";
import { captureExample } from "./example.ts";

const types = readProviderTypes();
const TABLE = "aws:dynamodb/table:Table orders";

function capture(program: () => void): Promise<Captured> {
	return captureExample({}, async () => {
		program();
		return {};
	});
}

const table = (inputs: Partial<dynamodb.TableArgs> = {}, options = {}) =>
	new dynamodb.Table(
		"orders",
		{ name: "orders", hashKey: "id", attributes: [{ name: "id", type: "S" }], ...inputs },
		options,
	);

const code = (text: string) => new asset.AssetArchive({ "index.mjs": new asset.StringAsset(text) });
const handler = (text: string) =>
	new lambda.Function("f", { role: "arn:aws:iam::123456789012:role/r", code: code(text) });

test("a change of an input is named by its path, an asset's by its hash, an option's too", async () => {
	const before = await capture(() => {
		table({ ttl: { attributeName: "old", enabled: true } }, { protect: true });
		handler("one");
	});
	const after = await capture(() => {
		table({ ttl: { attributeName: "new", enabled: true } });
		handler("two");
	});
	expect(diffRuns(before, after).changed).toEqual([
		{ resource: TABLE, path: "options.protect", before: "true", after: null },
		{ resource: TABLE, path: "ttl.attributeName", before: '"old"', after: '"new"' },
		{
			resource: "aws:lambda/function:Function f",
			path: "code",
			before: expect.stringMatching(/^archive [0-9a-f]{64}$/),
			after: expect.stringMatching(/^archive [0-9a-f]{64}$/),
		},
	]);
});

test("what came, what went, and what only moved", async () => {
	const before = await capture(() => {
		table();
		new kinesis.Stream("old-name", { shardCount: 1 });
	});
	const moved = await capture(() => {
		new kinesis.Stream("new-name", { shardCount: 1 }, { aliases: [{ name: "old-name" }] });
		new kinesis.Stream("another", { shardCount: 1 });
	});
	expect(diffRuns(before, moved)).toEqual({
		added: ["aws:kinesis/stream:Stream another"],
		removed: [TABLE],
		changed: [],
	});
});

test("what is moved under an alias keeps its id", async () => {
	const before = await capture(() => void new kinesis.Stream("old-name", { shardCount: 1 }));
	const after = await captureExample({ state: before.state }, async () => {
		new kinesis.Stream("new-name", { shardCount: 1 }, { aliases: [{ name: "old-name" }] });
		return {};
	});
	expect(after.graph.resources[0]?.id).toBe(before.graph.resources[0]?.id);
});

test("a value that is remembered stays, an ignored change is none, and a trigger replaces", async () => {
	const program = (now: string, trigger: string) => async () => {
		const { output } = new Stash("start", { input: now }, { ignoreChanges: ["input"] });
		new kinesis.Stream("events", { name: "events" }, { replacementTrigger: trigger });
		return { start: output };
	};
	const before = await captureExample({}, program("monday", "one"));
	const after = await captureExample({ state: before.state }, program("tuesday", "one"));
	expect(after.graph.outputs).toEqual({ start: "monday" });
	expect(diffRuns(before, after)).toEqual({ added: [], removed: [], changed: [] });
	const triggered = await captureExample({ state: before.state }, program("wednesday", "two"));
	expect(replacements(before, triggered, types)).toMatchObject([
		{ resource: "aws:kinesis/stream:Stream events", input: "replacementTrigger", before: '"one"', after: '"two"' },
	]);
});

test("a change that replaces is named, with what stands in its way", async () => {
	const before = await capture(() => {
		table({ deletionProtectionEnabled: true }, { protect: true });
		new kinesis.Stream("events", { name: "events", shardCount: 1 });
	});
	const after = await capture(() => {
		table(
			{ hashKey: "key", attributes: [{ name: "key", type: "S" }], deletionProtectionEnabled: true },
			{ protect: true },
		);
		new kinesis.Stream("events", { name: "changes", shardCount: 2 });
	});
	const named = replacements(before, after, types);
	expect(
		named.map(({ resource, input, before, after, safeguards }) => ({ resource, input, before, after, safeguards })),
	).toEqual([
		{
			resource: TABLE,
			input: "hashKey",
			before: '"id"',
			after: '"key"',
			safeguards: ["protect", "deletionProtectionEnabled"],
		},
		{
			resource: "aws:kinesis/stream:Stream events",
			input: "name",
			before: '"events"',
			after: '"changes"',
			safeguards: [],
		},
	]);
	expect(replacements(before, before, types)).toEqual([]);
});

test("an ignored change replaces nothing; a deletion is named", async () => {
	const before = await capture(() => void table({ streamEnabled: true, streamViewType: "NEW_IMAGE" }));
	const ignored = await capture(
		() => void table({ streamEnabled: true, streamViewType: "KEYS_ONLY" }, { ignoreChanges: ["streamViewType"] }),
	);
	expect(replacements(before, ignored, types)).toEqual([]);
	const changed = await capture(() => void table({ streamEnabled: true, streamViewType: "KEYS_ONLY" }));
	expect(replacements(before, changed, types)).toMatchObject([{ input: "streamViewType", why: /a new one begins/ }]);
	const gone = await capture(() => {});
	expect(replacements(before, gone, types)).toMatchObject([{ resource: TABLE, input: null, safeguards: [] }]);
});
