import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { definitions } from "../../consumers/definitions.ts";
import { BUNDLE_OPTIONS, type BundleSet, buildBundle, bundleName } from "../../framework/bundle/build.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface BuiltBundle {
	name: string;
	code: Uint8Array;
	/** SDK clients in it, `@aws-sdk/client-s3`, and the runtime's own files that name them. */
	clients: string[];
	inputs: string[];
}

const KINDS = Object.keys(definitions).sort();

/** Every role, each kind by itself, all kinds at once, secrets from either store, and what redrives by itself. */
export const SETS: BundleSet[] = [
	{ role: "lake", kinds: [], secrets: [] },
	{ role: "router", kinds: [], secrets: [] },
	...KINDS.map((kind): BundleSet => ({ role: "consumer", kinds: [kind], secrets: [] })),
	{ role: "consumer", kinds: ["http"], secrets: ["secretsmanager:a"] },
	{ role: "consumer", kinds: ["http"], secrets: [], redrives: ["crm"] },
	{ role: "router", kinds: KINDS, secrets: ["secretsmanager:a", "ssm:/a"] },
];

export async function buildAll(): Promise<BuiltBundle[]> {
	const bundles: BuiltBundle[] = [];
	for (const set of SETS) {
		const { code, inputs } = await buildBundle(set, ROOT);
		const clients = inputs.flatMap((path) => /node_modules\/(@aws-sdk\/client-[^/]+)\//.exec(path)?.[1] ?? []);
		bundles.push({ name: bundleName(set), code, clients: [...new Set(clients)].sort(), inputs });
	}
	return bundles;
}

/**
 * The same clients with the commands that the bundle's own code imports, and nothing else, built alike: what a function of the plan cannot do
 * without. It constructs nothing, as the bundle does at its start.
 */
export async function clientsAlone({ clients, inputs }: BuiltBundle): Promise<Uint8Array> {
	const names = importedNames(inputs);
	const lines = clients.map((client, index) => {
		const wanted = [...(names.get(client) ?? [])].sort();
		const list = wanted.map((name) => `${name} as ${name}${index}`).join(", ");
		return `export { ${list} } from ${JSON.stringify(client)};`;
	});
	const { outputFiles } = await build({
		...BUNDLE_OPTIONS,
		stdin: { contents: lines.join("\n"), resolveDir: ROOT, sourcefile: "clients.ts", loader: "ts" },
		absWorkingDir: ROOT,
		write: false,
	});
	const [file] = outputFiles;
	if (!file) throw new Error("esbuild made no file.");
	return file.contents;
}

/** What the project's own files among the inputs import from each client, types aside. */
function importedNames(inputs: readonly string[]): Map<string, Set<string>> {
	const names = new Map<string, Set<string>>();
	for (const path of inputs.filter((each) => !each.startsWith("node_modules/"))) {
		if (!path.endsWith(".ts") || path === "entry.ts") continue;
		const text = readFileSync(`${ROOT}/${path}`, "utf8");
		for (const [, list = "", client = ""] of text.matchAll(
			/\{([^{}]*)\}\s*(?:from|= await import\()\s*"(@aws-sdk\/client-[^"]+)"/g,
		)) {
			const known = names.get(client) ?? new Set();
			names.set(client, known);
			for (const name of list.split(",").map((each) => each.trim())) if (/^\w+$/.test(name)) known.add(name);
		}
	}
	return names;
}
