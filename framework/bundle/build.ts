import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { type Bindings, bindManifest, type FunctionRole } from "../contract/manifest.ts";
import type { PlannedFunction } from "../plan/types.ts";
import { environmentCredentials } from "./environment-credentials.ts";

/** What a bundle depends on: functions that agree in it share one. */
export interface BundleSet {
	role: FunctionRole;
	/** Kinds it delivers to; none for the lake and a router that forwards. */
	kinds: readonly string[];
	/** References of the secrets it reads; of them only the stores matter. */
	secrets: readonly string[];
	/** Those whose dead letters it redrives by itself; whether there are any is what matters. */
	redrives?: readonly unknown[];
}

export interface Bundle {
	/** One ES module that exports `handler` and reads `manifest.json` beside itself. */
	code: Uint8Array;
	/** Every file in it, relative to the project. */
	inputs: string[];
}

/** SDK packages have CommonJS parts that call `require`, which an ES module lacks. */
const BANNER =
	'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

const bundles = new Map<string, Promise<Bundle>>();

/** Bundles the runtime with the code of just these kinds. Made once a set. */
export function buildBundle(set: BundleSet, projectRoot: string): Promise<Bundle> {
	const entry = entryOf(set);
	const name = `${resolve(projectRoot)}\n${entry}`;
	const known = bundles.get(name) ?? bundleOf(entry, resolve(projectRoot));
	bundles.set(name, known);
	known.catch(() => bundles.delete(name));
	return known;
}

/** Names in `framework/runtime/secret-readers.ts`, and what references to the stores begin with. */
const SECRET_STORES = ["secretsmanager", "ssm"];

function secretStores({ secrets }: BundleSet): string[] {
	return SECRET_STORES.filter((store) => secrets.some((reference) => reference.startsWith(`${store}:`)));
}

const redrives = (set: BundleSet): boolean => (set.redrives ?? []).length > 0;

function distinct(names: readonly string[]): string[] {
	return [...new Set(names)].sort();
}

/** A name of what the bundle holds, the same for sets that share it. */
export function bundleName(set: BundleSet): string {
	return [set.role, ...distinct(set.kinds), ...secretStores(set), ...(redrives(set) ? ["redrive"] : [])].join("+");
}

/** Writes a function as Lambda takes it: the bundle and its manifest, with the names of this place. Answers a hash of both. */
export async function writeFunction(
	directory: string,
	planned: BundleSet & Pick<PlannedFunction, "manifest">,
	bindings: Bindings,
	projectRoot: string,
): Promise<string> {
	const { code } = await buildBundle(planned, projectRoot);
	const manifest = JSON.stringify(bindManifest(planned.manifest, bindings));
	await mkdir(directory, { recursive: true });
	await writeFile(join(directory, "index.mjs"), code);
	await writeFile(join(directory, "manifest.json"), manifest);
	return createHash("sha256").update(code).update(manifest).digest("hex");
}

const REDRIVE = "./framework/operations/dead-letters/on-schedule.ts";

/** The generated entry: it imports one role's code and nothing of the others'. */
function entryOf(set: BundleSet): string {
	const { role } = set;
	const [kinds, stores] = [distinct(set.kinds), secretStores(set)];
	const runtime = "./framework/runtime";
	if (role === "lake")
		return [
			`import { storeBatch } from "${runtime}/lake.ts";`,
			`import { serve } from "${runtime}/lambda.ts";`,
			"export const handler = serve(storeBatch, import.meta.url);",
		].join("\n");
	if (kinds.length === 0)
		return [
			`import { forwardBatch } from "${runtime}/forward.ts";`,
			`import { serve } from "${runtime}/lambda.ts";`,
			"export const handler = serve(forwardBatch, import.meta.url);",
		].join("\n");
	return [
		`import { deliverBatch } from "${runtime}/deliver-batch.ts";`,
		`import { serveDelivery } from "${runtime}/lambda.ts";`,
		`import { createStores } from "${runtime}/stores.ts";`,
		...(stores.length > 0 ? [`import { ${stores.join(", ")} } from "${runtime}/secret-readers.ts";`] : []),
		...(redrives(set) ? [`import { redriveOnSchedule } from "${REDRIVE}";`] : []),
		...kinds.map((kind, index) => `import { deliverer as kind${index} } from "./consumers/${kind}/deliver.ts";`),
		`const deliverers = { ${kinds.map((kind, index) => `${JSON.stringify(kind)}: kind${index}`).join(", ")} };`,
		`const stores = (manifest, base) => createStores(manifest, base, { ${stores.join(", ")} });`,
		`export const handler = serveDelivery(deliverBatch, import.meta.url, { deliverers, stores${redrives(set) ? ", extend: redriveOnSchedule" : ""} });`,
	].join("\n");
}

/** How functions are built, for benchmarks to build alike. */
export const BUNDLE_OPTIONS = {
	outfile: "index.mjs",
	bundle: true,
	minify: true,
	format: "esm",
	platform: "node",
	target: "node24",
	mainFields: ["module", "main"],
	banner: { js: BANNER },
	legalComments: "none",
	logLevel: "silent",
} satisfies BuildOptions;

async function bundleOf(entry: string, root: string): Promise<Bundle> {
	const result = await build({
		...BUNDLE_OPTIONS,
		plugins: [environmentCredentials],
		stdin: { contents: entry, resolveDir: root, sourcefile: "entry.ts", loader: "ts" },
		absWorkingDir: root,
		write: false,
		metafile: true,
	});
	const [file] = result.outputFiles;
	if (!file) throw new Error("esbuild made no file.");
	const inputs = Object.values(result.metafile.outputs).flatMap(({ inputs: used }) =>
		Object.entries(used).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
	);
	return { code: file.contents, inputs: inputs.filter((path) => !isAbsolute(path)).sort() };
}
