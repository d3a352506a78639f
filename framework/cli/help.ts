import type { Command } from "./command.ts";
import { COMMANDS, type Entry } from "./commands.ts";
import { describeOptions } from "./options.ts";

/** The list of commands, or of the commands of a group. */
export function renderOverview(group?: string): string {
	const entry: Entry | undefined = group === undefined ? undefined : COMMANDS[group as keyof typeof COMMANDS];
	const commands: Readonly<Record<string, { summary: string }>> =
		entry && "subcommands" in entry ? entry.subcommands : COMMANDS;
	const width = Math.max(...Object.keys(commands).map((name) => name.length));
	const prefix = entry ? `${group} ` : "";
	return [
		entry ? `${entry.summary}.` : "pipeline: event pipelines on Amazon DynamoDB Streams, from one YAML file each.",
		"",
		`Usage: pipeline ${prefix}<command> [arguments]`,
		"",
		...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
		"",
		`\`pipeline ${prefix}<command> --help\` shows a command's arguments. Exit status: 0 done, 1 the answer is no, 2 could not run.`,
		"",
	].join("\n");
}

/** One command's help. */
export function renderHelp(command: Command): string {
	return [
		`${command.summary}.`,
		"",
		`Usage: pipeline ${command.name} ${command.positionals}${command.positionals ? " " : ""}[options]`,
		"",
		...describeOptions(command.options),
		"",
		"Examples:",
		...command.examples.map((example) => `  ${example}`),
		"",
	].join("\n");
}
