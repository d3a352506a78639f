import { type Diagnostic, hasErrors, type Severity } from "../../diagnostics/diagnostic.ts";
import { renderHuman } from "../../diagnostics/render-human.ts";
import { renderJson } from "../../diagnostics/render-json.ts";
import { type Project, readProject } from "../../project/read.ts";
import type { Command } from "../command.ts";

export const validate: Command = {
	name: "validate",
	summary: "Check definitions and say what is wrong, where and what to do",
	positionals: "[paths…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		env: { type: "string", value: "E", help: "Check one environment instead of all" },
		format: { type: "string", choices: ["human", "json"], help: "How to report (human)" },
	},
	examples: [
		"pipeline validate",
		"pipeline validate pipelines/user-actions.yaml",
		"pipeline validate --env local --format json",
	],
	async run(args, io) {
		const project = readProject(io.cwd, args.positionals, args.option("env"));
		if (args.option("format") === "json") io.stdout(renderJson(project));
		else io.stdout(renderReport(project, io.terminal));
		return hasErrors(project.diagnostics) ? 1 : 0;
	},
};

function renderReport({ diagnostics, sources, files, pipelines }: Project, colour: boolean): string {
	const found = diagnostics.length === 0 ? "" : `${renderHuman(diagnostics, { sources, colour })}\n`;
	return `${found}${count(pipelines, "pipeline")} in ${count(files, "file")}: ${summarise(diagnostics)}.\n`;
}

function summarise(diagnostics: readonly Diagnostic[]): string {
	const counts = (["error", "warning", "hint"] as const satisfies readonly Severity[]).flatMap((severity) => {
		const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
		return number === 0 ? [] : [count(number, severity)];
	});
	return counts.length === 0 ? "no problems" : counts.join(", ");
}

function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
