import { expect, test } from "vitest";
import { diffRuns } from "../../framework/testing/pulumi/diff-runs.ts";
import { type Graph, resourceOf } from "../../framework/testing/pulumi/graph.ts";
import { readProviderTypes } from "../../framework/testing/pulumi/provider-types.ts";
import { replacements } from "../../framework/testing/pulumi/replacements.ts";
import { captureDeployment, goldenPlan } from "./capture.ts";

const types = readProviderTypes();
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const LATER = "2026-03-05T12:00:00.000Z";

const startOf = (graph: Graph, consumer: string) =>
	resourceOf(graph, MAPPING, `user-actions--${consumer}-mapping`).inputs.startingPositionTimestamp;

/** What a change of the shipped pipeline would replace or delete, each with what stands in its way. */
async function replacedBy(...changes: Parameters<typeof goldenPlan>[1][]): Promise<Record<string, string[]>> {
	const before = await captureDeployment(goldenPlan("user-actions"));
	const after = await captureDeployment(goldenPlan("user-actions", ...changes), { engine: { state: before.state } });
	const found = replacements(before, after, types);
	return Object.fromEntries(found.map(({ resource, safeguards }) => [resource.replace(/^[^ ]* /, ""), safeguards]));
}

const GUARDED = ["protect", "retainOnDelete"];

test("a second run, at another time, asks for the same", async () => {
	const plan = goldenPlan("user-actions");
	const first = await captureDeployment(plan);
	const second = await captureDeployment(plan, { settings: { startedAt: LATER }, engine: { state: first.state } });
	expect(diffRuns(first, second)).toEqual({ added: [], removed: [], changed: [] });
	expect(second.state).toEqual(first.state);
});

test("a consumer starts at its own first deployment, whenever that is", async () => {
	const first = await captureDeployment(goldenPlan("user-actions"));
	expect(startOf(first.graph, "engagement")).toBe("2026-01-01T09:30:00Z");
	const more = goldenPlan("user-actions", [
		"  - name: engagement\n",
		"  - name: audit\n    kind: s3\n    when: { events: [REMOVE] }\n    with: { content: event, prefix: audit }\n\n  - name: engagement\n",
	]);
	const second = await captureDeployment(more, { settings: { startedAt: LATER }, engine: { state: first.state } });
	expect(startOf(second.graph, "audit")).toBe("2026-03-05T12:00:00Z");
	expect(startOf(second.graph, "engagement")).toBe("2026-01-01T09:30:00Z");
});

test("a start that is edited afterwards moves nobody", async () => {
	expect(await replacedBy(["  - name: engagement\n", "  - name: engagement\n    start: horizon\n"])).toEqual({
		// The time is not needed any more, and nothing but the state held it.
		"user-actions--engagement-start": [],
	});
});

test("redriving by itself comes and goes with its schedule, and touches nothing else that is there", async () => {
	const auto: Parameters<typeof goldenPlan>[1] = [
		"  - name: engagement\n",
		"  - name: engagement\n    redrive: auto\n",
	];
	expect(await replacedBy(auto)).toEqual({});
	const before = await captureDeployment(goldenPlan("user-actions", auto));
	const after = await captureDeployment(goldenPlan("user-actions"), { engine: { state: before.state } });
	const { removed, added } = diffRuns(before, after);
	const names = removed.map((resource) => String(resource).replace(/^.* /, ""));
	expect([names.sort(), added]).toEqual([
		[
			"user-actions--alarm-engagement-redrive",
			"user-actions--redrive-engagement",
			"user-actions--redrive-engagement-policy",
			"user-actions--redrive-engagement-role",
		],
		[],
	]);
});

test("what is changed in place replaces nothing", async () => {
	expect(
		await replacedBy(
			["  ttl: expiresAt\n", ""],
			["fanOut: kinesis", "fanOut: { mode: kinesis, shards: 2, retentionHours: 48 }"],
			["when: { events: [INSERT, MODIFY, REMOVE, EXPIRE] }", "when: { events: [INSERT], new: { action: Search } }"],
			["billing: on-demand", "billing: { mode: provisioned, readUnits: 5, writeUnits: 5 }"],
		),
	).toEqual({});
});

test("another view type replaces the mappings that read the stream, and a preview shows it", async () => {
	const replaced = await replacedBy(["viewType: NEW_IMAGE", "viewType: NEW_AND_OLD_IMAGES"]);
	expect(replaced).toMatchObject({
		"user-actions--lake-mapping": ["protect"],
		"user-actions--router-mapping": ["protect"],
	});
	// The stream below the table is another; the table itself stays.
	expect(Object.keys(replaced).filter((name) => !name.endsWith("-mapping"))).toEqual(["user-actions--table"]);
	const { graph } = await captureDeployment(goldenPlan("user-actions"));
	const readers = graph.resources.filter(({ options }) => options.replacementTrigger === "NEW_IMAGE");
	expect(readers.map(({ name }) => name).sort()).toEqual([
		"user-actions--lake-mapping",
		"user-actions--router-mapping",
	]);
});

test("another key, or the type of one, is another table: named, and refused where the stack protects", async () => {
	const GUARDS = [...GUARDED, "deletionProtectionEnabled"];
	// The item schema would refuse it before; and columns can be its own only while there is one.
	const withoutSchema: [string, string][] = [
		["itemSchema: click\n", ""],
		[", columns: item-schema", ""],
	];
	for (const key of ["name: user, type: N", "name: person, type: S"])
		expect(await replacedBy(["name: user, type: S", key], ...withoutSchema)).toMatchObject({
			"user-actions--table": GUARDS,
		});
});

test("without the fan-out's stream there is no stream to lose unguarded", async () => {
	const replaced = await replacedBy(["fanOut: kinesis", "fanOut: direct"]);
	expect(replaced["user-actions--fan-out"]).toEqual(GUARDED);
	expect(Object.keys(replaced).filter((name) => /table|state|lake$|operations$|exports$/.test(name))).toEqual([]);
});

test("what a definition no longer asks of its table is taken away, not left as it was", async () => {
	const owned = new Map([
		["tributary-prod-user-actions", { ttl: "expiresAt", hasMaxReadUnits: true, hasMaxWriteUnits: false }],
	]);
	const { graph } = await captureDeployment(goldenPlan("user-actions", ["  ttl: expiresAt\n", ""]), {
		settings: { owned },
	});
	expect(resourceOf(graph, "aws:dynamodb/table:Table", "user-actions--table").inputs).toMatchObject({
		ttl: { attributeName: "expiresAt", enabled: false },
		onDemandThroughput: { maxReadRequestUnits: -1 },
	});
});
