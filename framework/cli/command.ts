import type { ParseArgsOptionDescriptor } from "node:util";

/** 0: done. 1: the answer is no (problems in a named file, a failed check). 2: could not run (unusable arguments, missing path, internal). */
export type ExitCode = 0 | 1 | 2;

/** What a command sees of the process; tests give their own. */
export interface Io {
	/** Machine output and results; nothing else goes here. */
	stdout(text: string): void;
	/** Progress, logs and messages. */
	stderr(text: string): void;
	/** Where relative paths begin. */
	cwd: string;
	env: Readonly<Record<string, string | undefined>>;
	/** Whether stderr is a terminal: progress bars and colours only then. */
	terminal: boolean;
	/** Whether stdout is one: then no bar stands between what is printed there. */
	printsToTerminal: boolean;
	/** Aborts on SIGINT, SIGTERM or when the parent vanished. */
	signal: AbortSignal;
}

export interface CommandOption extends ParseArgsOptionDescriptor {
	/** Placeholder of the value in the help, `E` for `--env E`. */
	value?: string;
	/** Allowed values; another one is a usage error with did-you-mean. */
	choices?: readonly string[];
	help: string;
}

/** A command is data: the help, the parsing and the refusal of unknown options come from it. */
export interface Command {
	name: string;
	summary: string;
	/** As in the usage line after the name: `[paths…]`, `<pipeline> <function>`. */
	positionals: string;
	/** Fewest and most positionals. */
	arity: [least: number, most: number];
	options: Readonly<Record<string, CommandOption>>;
	/** Worked examples, shown in the help; a test runs or parses each. */
	examples: readonly string[];
	run(args: Arguments, io: Io): Promise<ExitCode>;
}

export interface Arguments {
	positionals: readonly string[];
	/** The value of an option that has one; the last where it was repeated. */
	option(name: string): string | undefined;
	/** All values of a repeatable option. */
	all(name: string): readonly string[];
	flag(name: string): boolean;
}

/** Ends a command with exit 2 and its message. */
export { UsageError } from "../diagnostics/usage-error.ts";
