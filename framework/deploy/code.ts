import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { asset } from "@pulumi/pulumi";
import { type BundleSet, buildBundle, bundleName } from "../bundle/build.ts";
import type { Plan } from "../plan/types.ts";
import type { Settings } from "./settings.ts";

/**
 * Bundles what the functions of a plan run, each distinct set of role, kinds and secret stores once, into a folder. They are files, not text,
 * because the engine writes an asset's text into the state.
 */
export async function buildCode(plan: Plan, projectRoot: string, folder: string): Promise<Settings["code"]> {
	const sets = new Map<string, BundleSet>();
	for (const { functions } of plan.pipelines) for (const planned of functions) sets.set(fileOf(planned), planned);
	await mkdir(folder, { recursive: true });
	const assets = await Promise.all(
		[...sets].map(async ([file, set]) => {
			const { code } = await buildBundle(set, projectRoot);
			const path = join(folder, file);
			await writeIfChanged(path, code);
			// Of no machine's own: the path is in the state, and the engine reads it from where this program runs.
			return [file, new asset.FileAsset(relative(process.cwd(), path).replaceAll("\\", "/"))] as const;
		}),
	);
	const byFile = new Map(assets);
	return (planned) => {
		const code = byFile.get(fileOf(planned));
		if (code === undefined) throw new Error(`no bundle was made for ${fileOf(planned)}`);
		return code;
	};
}

const fileOf = (set: BundleSet): string => `${bundleName(set)}.mjs`;

/** In one step: another stack's run may be reading it. */
async function writeIfChanged(path: string, code: Uint8Array): Promise<void> {
	const before = await readFile(path).catch(() => null);
	if (before?.equals(code)) return;
	const draft = `${path}.${process.pid}`;
	await writeFile(draft, code);
	await rename(draft, path);
}
