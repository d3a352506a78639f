import { suggest } from "../diagnostics/suggest.ts";
import { LakeError } from "../lake/lake-error.ts";
import { EngineError } from "../local/engine-error.ts";
import { OperationError } from "../operations/operation-error.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, type ExitCode, type Io, UsageError } from "./command.ts";
import { COMMANDS, type Entry } from "./commands.ts";
import { describeFull, isFull } from "./full-disk.ts";
import { renderHelp, renderOverview } from "./help.ts";

/** Runs one command line. Never throws: what goes wrong becomes a message and an exit code. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
	const [name, ...rest] = argv;
	try {
		if (name === undefined) {
			io.stderr(renderOverview());
			return 2;
		}
		if (name === "--help" || name === "-h" || name === "help") {
			io.stdout(renderOverview());
			return 0;
		}
		const entry = findEntry(COMMANDS, name, "");
		if ("subcommands" in entry) return await runGroup(name, entry, rest, io);
		return await runCommand(await entry.load(), rest, io);
	} catch (error) {
		io.stderr(describe(error, io));
		return 2;
	}
}

type Group = Extract<Entry, { subcommands: unknown }>;

async function runGroup(group: string, { subcommands }: Group, tokens: readonly string[], io: Io): Promise<ExitCode> {
	const [name, ...rest] = tokens;
	if (name === undefined) {
		io.stderr(renderOverview(group));
		return 2;
	}
	if (name === "--help" || name === "-h") {
		io.stdout(renderOverview(group));
		return 0;
	}
	return runCommand(await findEntry(subcommands, name, `${group} `).load(), rest, io);
}

async function runCommand(command: Command, rest: readonly string[], io: Io): Promise<ExitCode> {
	if (rest.includes("--help") || rest.includes("-h")) {
		io.stdout(renderHelp(command));
		return 0;
	}
	return await command.run(parseArguments(command, rest), io);
}

function findEntry<Found extends Entry>(entries: Readonly<Record<string, Found>>, name: string, prefix: string): Found {
	const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
	if (entry) return entry;
	throw new UsageError(`There is no command "${prefix}${name}". ${suggest(name, Object.keys(entries))}`);
}

/** Errors that say all there is to say to whoever runs the command. */
const USERS = [UsageError, EngineError, LakeError, OperationError];

function describe(error: unknown, io: Io): string {
	if (USERS.some((type) => error instanceof type)) return `pipeline: ${(error as Error).message}\n`;
	const text = error instanceof Error ? error.message : String(error);
	if (isFull(error)) return `pipeline: ${describeFull(error)} Make room, and run it again. (${text})\n`;
	const hint =
		"This is a fault of the tool, not of your input. Run again with TRIBUTARY_DEBUG=1 for the stack to report.";
	const stack = io.env.TRIBUTARY_DEBUG && error instanceof Error ? `${error.stack}\n` : "";
	return `pipeline: internal error: ${text}\n${hint}\n${stack}`;
}
