import { suggest } from "../diagnostics/suggest.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, type ExitCode, type Io, UsageError } from "./command.ts";
import { COMMANDS, type CommandName } from "./commands.ts";
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
		const command = await findCommand(name);
		if (rest.includes("--help") || rest.includes("-h")) {
			io.stdout(renderHelp(command));
			return 0;
		}
		return await command.run(parseArguments(command, rest), io);
	} catch (error) {
		io.stderr(describe(error, io));
		return 2;
	}
}

async function findCommand(name: string): Promise<Command> {
	if (!Object.hasOwn(COMMANDS, name))
		throw new UsageError(`There is no command "${name}". ${suggest(name, Object.keys(COMMANDS))}`);
	return COMMANDS[name as CommandName].load();
}

function describe(error: unknown, io: Io): string {
	if (error instanceof UsageError) return `pipeline: ${error.message}\n`;
	const text = error instanceof Error ? error.message : String(error);
	const hint =
		"This is a fault of the tool, not of your input. Run again with TRIBUTARY_DEBUG=1 for the stack to report.";
	const stack = io.env.TRIBUTARY_DEBUG && error instanceof Error ? `${error.stack}\n` : "";
	return `pipeline: internal error: ${text}\n${hint}\n${stack}`;
}
