import { type ChildProcessByStdio, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

export interface ProcessResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

export type Script = ChildProcessByStdio<null, Readable, Readable>;

/** A user's project in a temporary folder: this repository's definitions and stacks, and its command. */
export interface ProjectCopy {
	root: string;
	/** Starts a script of bash in the project, which ends at its first failure. */
	start(script: string, env?: Readonly<Record<string, string>>): Script;
	/** The same, awaited. */
	bash(script: string, env?: Readonly<Record<string, string>>): Promise<ProcessResult>;
	remove(): void;
}

/** `commands` are programs that the scripts find: scripts of bash by name. `npx pipeline` is this repository's, `node` the one that runs. */
export function copyProject(commands: Readonly<Record<string, string>> = {}): ProjectCopy {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "tributary-project-")));
	const root = join(folder, "project");
	const stacks = readdirSync(REPOSITORY).filter((name) => /^Pulumi\..*yaml$/.test(name));
	for (const name of ["pipelines", "schemas", "package.json", ...stacks])
		cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
	for (const name of ["framework", "node_modules"]) symlinkSync(join(REPOSITORY, name), join(root, name));
	const bin = join(folder, "bin");
	mkdirSync(bin);
	const launcher = join(REPOSITORY, "framework", "cli", "bin.js");
	const npx = `[ "$1" = pipeline ] || exit 127\nshift\nexec "${process.execPath}" "${launcher}" "$@"\n`;
	for (const [name, script] of Object.entries({ npx, node: `exec "${process.execPath}" "$@"\n`, ...commands }))
		writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${script}`, { mode: 0o755 });
	const path = `${bin}${delimiter}${process.env.PATH}`;
	const start = (script: string, env: Readonly<Record<string, string>> = {}): Script =>
		spawn("bash", ["-euo", "pipefail", "-c", script], {
			cwd: root,
			env: { ...process.env, PATH: path, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
	return {
		root,
		start,
		bash: (script, env) => collect(start(script, env)),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}

function collect(child: Script): Promise<ProcessResult> {
	return new Promise((resolve, reject) => {
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text) => {
			stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text) => {
			stderr += text;
		});
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, stdout, stderr }));
	});
}
