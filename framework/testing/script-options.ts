import { parseArgs } from "node:util";
import type { CommandOption } from "../cli/command.ts";
import { describeOptions, explainParseError } from "../cli/options.ts";

/** An option of a script of package.json. With `least` its value is a whole number, not below that. */
export type ScriptOption = CommandOption & { least?: number };

type ValueOf<Option extends ScriptOption> = Option["type"] extends "boolean"
	? boolean
	: (Option extends { least: number } ? number : string) | undefined;

export interface Script<Options extends Readonly<Record<string, ScriptOption>>> {
	/** As in `npm run <name>`. */
	name: string;
	summary: string;
	options: Options;
}

/** Reads a script's arguments. Ends the process instead: with 0 behind `--help`, with 2 behind words on what it does not take. */
export function scriptOptions<const Options extends Readonly<Record<string, ScriptOption>>>(
	script: Script<Options>,
): { [Name in keyof Options]: ValueOf<Options[Name]> } {
	const { name, summary, options } = script;
	const args = process.argv.slice(2);
	if (args.includes("--help")) {
		process.stdout.write(
			`${[`${summary}.`, "", `Usage: npm run ${name} -- [options]`, "", ...describeOptions(options)].join("\n")}\n`,
		);
		process.exit(0);
	}
	const values = parse(script, args);
	const read = Object.entries(options).map(([option, { type, least }]) => {
		const text = values[option];
		if (type === "boolean") return [option, text === true];
		if (least === undefined || text === undefined) return [option, text];
		const number = /^-?\d+$/.test(String(text)) ? Number(text) : Number.NaN;
		if (!Number.isSafeInteger(number) || number < least)
			refuse(script, `--${option} ${text}: give a whole number, at least ${least}.`);
		return [option, number];
	});
	return Object.fromEntries(read);
}

/** Ends a script with 2 and why. */
export function refuse({ name }: Pick<Script<never>, "name">, message: string): never {
	process.stderr.write(`${name}: ${message} See \`npm run ${name} -- --help\`.\n`);
	process.exit(2);
}

function parse(
	{ name, options }: Script<Readonly<Record<string, ScriptOption>>>,
	args: string[],
): Record<string, unknown> {
	const known = Object.fromEntries(Object.entries(options).map(([option, { type }]) => [option, { type }]));
	try {
		return parseArgs({ args, options: known, strict: true }).values;
	} catch (error) {
		return refuse({ name }, explainParseError("the script", options, error as NodeJS.ErrnoException));
	}
}
