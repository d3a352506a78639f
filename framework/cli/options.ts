import { suggest } from "../diagnostics/suggest.ts";
import type { CommandOption } from "./command.ts";

type Options = Readonly<Record<string, CommandOption>>;

/** The lines of a help, one an option. */
export function describeOptions(options: Options): string[] {
	const lines = Object.entries(options).map(([name, option]) => {
		const value = option.type === "string" ? ` ${option.choices?.join("|") ?? option.value ?? "VALUE"}` : "";
		return [`--${name}${value}`, option.help] as const;
	});
	lines.push(["--help", "Show this."]);
	const width = Math.max(...lines.map(([left]) => left.length));
	return lines.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`);
}

/** What util.parseArgs would not take, and the way out, in our words: its own speak of Node's API. */
export function explainParseError(of: string, options: Options, error: NodeJS.ErrnoException): string {
	const option = /'(--?[^' ]+)/.exec(error.message)?.[1];
	if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" && option) {
		const known = Object.keys(options).map((name) => `--${name}`);
		return `${of} has no option ${option}. ${suggest(option, known)}`;
	}
	if (error.code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" && option) {
		if (options[option.slice(2)]?.type === "boolean") return `${option} takes no value.`;
		return `${option} needs a value; one that begins with a dash is written ${option}=-…`;
	}
	return `${error.message.split(". ")[0]}.`;
}
