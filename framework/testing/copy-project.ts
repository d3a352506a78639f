import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

export interface ProcessResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

/** A user's project in a temporary folder: this repository's definitions and stacks, and its commands. */
export interface ProjectCopy {
	root: string;
	/** Runs a script of bash in the project until its first failure. `npx pipeline` is this repository's; `commands` are other programs, scripts of bash by name. */
	bash(script: string, env?: Readonly<Record<string, string>>): Promise<ProcessResult>;
	remove(): void;
}

export function copyProject(commands: Readonly<Record<string, string>> = {}): ProjectCopy {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "tributary-project-")));
	const root = join(folder, "project");
	const stacks = readdirSync(REPOSITORY).filter((name) => /^Pulumi\..*yaml$/.test(name));
	for (const name of ["pipelines", ...stacks]) cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
	const bin = join(folder, "bin");
	mkdirSync(bin);
	const launcher = join(REPOSITORY, "framework", "cli", "bin.js");
	const npx = `[ "$1" = pipeline ] || exit 127\nshift\nexec "${process.execPath}" "${launcher}" "$@"\n`;
	for (const [name, script] of Object.entries({ npx, ...commands }))
		writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${script}`, { mode: 0o755 });
	const path = `${bin}${delimiter}${process.env.PATH}`;
	return {
		root,
		bash: (script, env = {}) => runBash(script, root, { ...process.env, PATH: path, ...env }),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}

function runBash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<ProcessResult> {
	return new Promise((resolve, reject) => {
		const child = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
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
