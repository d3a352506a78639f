import { relative, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Io } from "./command.ts";

/** Where a reviewing service takes file names to begin: its checkout, of which a project may be a folder. */
export function repositoryRoot({ cwd, env }: Io): string {
	return resolve(env.GITHUB_WORKSPACE || cwd);
}

/** The same problems, their files named from there. */
export function fromRepository(diagnostics: readonly Diagnostic[], io: Io): Diagnostic[] {
	const name = (file: string) => relative(repositoryRoot(io), resolve(io.cwd, file)).replaceAll("\\", "/");
	return diagnostics.map((diagnostic) => ({ ...diagnostic, file: name(diagnostic.file) }));
}
