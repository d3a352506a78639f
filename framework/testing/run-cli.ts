import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExitCode } from "../cli/command.ts";
import { run } from "../cli/run.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A project in a temporary folder: `pipelines/` as given, the repository's own schemas. */
export interface TemporaryProject {
	root: string;
	write(file: string, content: string | Uint8Array): string;
	remove(): void;
}

export function createProject(files: Readonly<Record<string, string | Uint8Array>>): TemporaryProject {
	const root = mkdtempSync(join(tmpdir(), "tributary-"));
	const project: TemporaryProject = {
		root,
		write(file, content) {
			const path = join(root, file);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, content);
			return path;
		},
		remove: () => rmSync(root, { recursive: true, force: true }),
	};
	mkdirSync(join(root, "pipelines"));
	cpSync(join(repository, "Pulumi.prod.yaml"), join(root, "Pulumi.prod.yaml"));
	for (const [file, content] of Object.entries(files)) project.write(file, content);
	return project;
}

export interface CliResult {
	code: ExitCode;
	stdout: string;
	stderr: string;
}

/** Runs a command line in process, as its launcher would. */
export async function runCli(
	cwd: string,
	argv: readonly string[],
	signal = new AbortController().signal,
	env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
	let stdout = "";
	let stderr = "";
	const code = await run(argv, {
		stdout: (text) => {
			stdout += text;
		},
		stderr: (text) => {
			stderr += text;
		},
		cwd,
		env,
		terminal: false,
		signal,
	});
	return { code, stdout, stderr };
}
