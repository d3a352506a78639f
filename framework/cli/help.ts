import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";

/** The list of commands. */
export function renderOverview(): string {
	const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
	return [
		"pipeline: event pipelines on Amazon DynamoDB Streams, from one YAML file each.",
		"",
		"Usage: pipeline <command> [arguments]",
		"",
		...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
		"",
		"`pipeline <command> --help` shows a command's arguments. Exit status: 0 done, 1 the answer is no, 2 could not run.",
		"",
	].join("\n");
}

/** One command's help. */
export function renderHelp(command: Command): string {
	const options = Object.entries(command.options).map(([name, option]) => {
		const value = option.type === "string" ? ` ${option.choices?.join("|") ?? option.value ?? "VALUE"}` : "";
		return [`--${name}${value}`, option.help] as const;
	});
	options.push(["--help", "Show this."]);
	const width = Math.max(...options.map(([left]) => left.length));
	return [
		`${command.summary}.`,
		"",
		`Usage: pipeline ${command.name} ${command.positionals}${command.positionals ? " " : ""}[options]`,
		"",
		...options.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`),
		"",
		"Examples:",
		...command.examples.map((example) => `  ${example}`),
		"",
	].join("\n");
}
