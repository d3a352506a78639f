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
	return runHeard(cwd, argv, signal, env, () => {});
}

/** The same on a terminal; whether its output goes there, too, or elsewhere. */
export async function runCliOnTerminal(
	cwd: string,
	argv: readonly string[],
	printsToTerminal: boolean,
): Promise<CliResult> {
	return runHeard(cwd, argv, new AbortController().signal, {}, () => {}, { terminal: true, printsToTerminal });
}

/** The same, and sends the signal of Ctrl-C once `when` holds for what the command has printed. */
export async function runCliUntil(
	cwd: string,
	argv: readonly string[],
	when: (printed: Pick<CliResult, "stdout" | "stderr">) => boolean,
): Promise<CliResult> {
	const stop = new AbortController();
	return runHeard(cwd, argv, stop.signal, {}, (printed) => {
		if (when(printed)) stop.abort();
	});
}

async function runHeard(
	cwd: string,
	argv: readonly string[],
	signal: AbortSignal,
	env: Readonly<Record<string, string>>,
	hear: (printed: Pick<CliResult, "stdout" | "stderr">) => void,
	screen = { terminal: false, printsToTerminal: false },
): Promise<CliResult> {
	const printed = { stdout: "", stderr: "" };
	const print = (where: keyof typeof printed) => (text: string) => {
		printed[where] += text;
		hear(printed);
	};
	const io = {
		stdout: print("stdout"),
		stderr: print("stderr"),
		cwd,
		env,
		...screen,
		signal,
	};
	return { code: await run(argv, io), ...printed };
}
