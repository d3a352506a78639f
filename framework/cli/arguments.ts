import { parseArgs } from "node:util";
import { suggest } from "../diagnostics/suggest.ts";
import { type Arguments, type Command, UsageError } from "./command.ts";
import { explainParseError } from "./options.ts";

/** Parses a command's arguments as it declares them. Throws UsageError with the option's own name and a way out. */
export function parseArguments(command: Command, tokens: readonly string[]): Arguments {
	const { values, positionals } = parse(command, tokens);
	const [least, most] = command.arity;
	if (positionals.length < least)
		throw new UsageError(`${command.name} needs ${command.positionals}; see \`pipeline ${command.name} --help\`.`);
	if (positionals.length > most)
		throw new UsageError(
			`${command.name} does not take "${positionals[most]}"; see \`pipeline ${command.name} --help\`.`,
		);
	const all = (name: string): string[] => {
		const value = values[name];
		return value === undefined || typeof value === "boolean" ? [] : [value].flat().map(String);
	};
	checkChoices(command, all);
	return {
		positionals,
		all,
		option: (name) => all(name).at(-1),
		flag: (name) => values[name] === true,
	};
}

function parse(command: Command, tokens: readonly string[]) {
	const options = Object.fromEntries(
		Object.entries(command.options).map(([name, { value: _v, choices: _c, help: _h, ...option }]) => [name, option]),
	);
	try {
		return parseArgs({ args: [...tokens], options, allowPositionals: true, strict: true });
	} catch (error) {
		throw new UsageError(explainParseError(command.name, command.options, error as NodeJS.ErrnoException));
	}
}

function checkChoices(command: Command, all: (name: string) => string[]): void {
	for (const [name, { choices }] of Object.entries(command.options))
		for (const value of all(name))
			if (choices && !choices.includes(value)) throw new UsageError(`--${name} ${value}: ${suggest(value, choices)}`);
}
