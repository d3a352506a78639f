import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../diagnostics/usage-error.ts";

/** The nearest folder, from here upwards, that has a `pipelines` folder. Throws UsageError if there is none. */
export function findProjectRoot(cwd: string): string {
	const root = seekProjectRoot(cwd);
	if (root !== null) return root;
	throw new UsageError("There is no folder `pipelines` here or above. Run this in a project.");
}

/** The same, or null. */
export function seekProjectRoot(cwd: string): string | null {
	for (let folder = resolve(cwd); ; folder = dirname(folder)) {
		if (isFolder(join(folder, "pipelines"))) return folder;
		if (folder === dirname(folder)) return null;
	}
}

/** `local` and each stack: the environments are those of Pulumi, `Pulumi.<environment>.yaml`. */
export function listEnvironments(root: string | null): string[] {
	const names = root === null ? [] : readdirSync(root);
	const stacks = names.flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? []);
	return [...new Set(["local", ...stacks.sort()])];
}

export function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
