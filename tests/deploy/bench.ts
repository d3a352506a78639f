/**
 * `npm run bench:deploy`: what the program's own work costs, from definitions to resources, against a plain program that registers the same resources with
 * ready-made arguments, which wait for each other as they must. Both run in turns in one process against the same test engine;
 * only their ratio means anything. `--slow` plants work in the program, and must fail.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { all, asset, ComponentResource, type Resource, Stash } from "@pulumi/pulumi";
import { definitions as kinds } from "../../consumers/definitions.ts";
import { deploy } from "../../framework/deploy/deploy.ts";
import { CONSTRUCTORS } from "../../framework/deploy/resource-classes.ts";
import { compilePlan } from "../../framework/plan/compile.ts";
import type { Plan } from "../../framework/plan/types.ts";
import { defineYaml } from "../../framework/testing/compile-yaml.ts";
import { deploySettings } from "../../framework/testing/deploy-settings.ts";
import { captureGraph } from "../../framework/testing/pulumi/capture.ts";
import { diffRuns } from "../../framework/testing/pulumi/diff-runs.ts";
import { assetOf, type Graph, type GraphResource, referenceOf } from "../../framework/testing/pulumi/graph.ts";
import { scriptOptions } from "../../framework/testing/script-options.ts";

/** The bar: the program may cost so many times what a plain one does. */
const MOST = 1.3;

const {
	pipelines = 8,
	rounds = 9,
	slow,
} = scriptOptions({
	name: "bench:deploy",
	summary: "What the program's own work costs beside one that registers the same resources ready-made",
	options: {
		pipelines: { type: "string", value: "N", least: 1, help: "Pipelines in the plan (8)." },
		rounds: { type: "string", value: "N", least: 1, help: "Rounds to measure (9)." },
		slow: { type: "boolean", help: "Plant work in the program: the bar is missed, and the exit status is 1." },
	},
});

const golden = (name: string) =>
	readFileSync(fileURLToPath(new URL(`../golden/valid/${name}/${name}.yaml`, import.meta.url)), "utf8");
const shapes = ["user-actions", "orders"].map(golden);
const names = Array.from({ length: pipelines }, (_, index) => `pipeline-${index}`);
const compile = (): Plan =>
	compilePlan(
		names.flatMap((name, index) =>
			defineYaml(name, (shapes[index % shapes.length] ?? "").replace(/^name: .*$/m, `name: ${name}`)),
		),
		"prod",
		kinds,
	);
const plan = compile();

const settings = { project: "tributary", stack: "prod", stackFrames: Error.stackTraceLimit };
const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const place = deploySettings({ keys: new Map(["orders", "secrets", "backup"].map((name) => [`alias/${name}`, key])) });
/** Work that grows with the whole plan for each resource of it: the usual mistake. */
const waste = (): undefined => void structuredClone(plan);
const hooks = slow ? Object.fromEntries(Object.keys(CONSTRUCTORS).map((type) => [type, waste])) : {};
const ours = () => captureGraph(() => ({ ...deploy(compile(), place, hooks) }), settings);
const { graph } = await ours();
const plain = () => captureGraph(() => register(graph), settings);

const { added, removed, changed } = diffRuns({ graph }, await plain());
if (added.length + removed.length + changed.length > 0)
	throw new Error(`the two programs differ: ${JSON.stringify([added, removed, changed.slice(0, 3)])}`);

/** The same resources, one after another, with the arguments that came out before. */
function register({ resources }: Graph): Record<string, unknown> {
	const made = new Map<string, Resource>();
	for (const resource of resources) made.set(referenceOf(resource), registerOne(resource, made));
	return {};
}

function registerOne(
	{ type, name, custom, parent, inputs, options, propertyDependencies }: GraphResource,
	made: ReadonlyMap<string, Resource>,
): Resource {
	const { dependsOn = [], aliases: _, version: __, ...same } = options;
	const found = (reference: string) => made.get(reference) as Resource;
	const given = { ...same, ...(parent && { parent: found(parent) }), dependsOn: dependsOn.map(found) };
	if (!custom) return new ComponentResource(type, name, {}, parent ? { parent: found(parent) } : {});
	if (type === "pulumi:index:Stash") return new Stash(name, { input: inputs.input }, given as object);
	const args = Object.fromEntries(
		Object.entries(inputs).map(([key, value]) => {
			if (assetOf(value)) return [key, code(value)];
			const sources = (propertyDependencies[key] ?? []).map(found);
			return [key, sources.length === 0 ? value : all(sources.map(({ urn }) => urn)).apply(() => value)];
		}),
	);
	const make = CONSTRUCTORS[type as keyof typeof CONSTRUCTORS] as new (...of: unknown[]) => Resource;
	return new make(name, args, given);
}

function code(value: unknown): asset.Archive {
	const entries = Object.entries(assetOf(value)?.entries ?? {});
	return new asset.AssetArchive(
		Object.fromEntries(entries.map(([file, { text = "" }]) => [file, new asset.StringAsset(text)])),
	);
}

/** Milliseconds of the processor's: neither program waits for anything but itself, and a busy machine changes them little. */
async function time(run: () => Promise<{ graph: Graph }>): Promise<number> {
	const start = process.cpuUsage();
	const { graph: seen } = await run();
	if (seen.resources.length !== graph.resources.length) throw new Error("the two programs differ");
	const { user, system } = process.cpuUsage(start);
	return (user + system) / 1000;
}

const median = (numbers: readonly number[]): number =>
	[...numbers].sort((one, other) => one - other)[numbers.length >> 1] ?? 0;

await time(plain);
const times: { ours: number[]; plain: number[] } = { ours: [], plain: [] };
for (let round = 0; round < rounds; round += 1) {
	times.ours.push(await time(ours));
	times.plain.push(await time(plain));
}
// Of each round by itself: what else the machine does changes from one to the next.
const ratio = median(times.ours.map((mine, round) => mine / (times.plain[round] ?? mine)));
const each = (all: number[]) => `${((1000 * median(all)) / graph.resources.length).toFixed(0)} µs a resource`;
process.stdout.write(
	[
		`${graph.resources.length} resources of ${names.length} pipelines, median of ${rounds} rounds`,
		`this program   ${each(times.ours)}`,
		`a plain one    ${each(times.plain)}`,
		`ratio          ${ratio.toFixed(2)} (at most ${MOST})`,
		"",
	].join("\n"),
);
process.exitCode = ratio <= MOST ? 0 : 1;
