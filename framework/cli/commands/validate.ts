import { type Diagnostic, hasErrors, type Severity } from "../../diagnostics/diagnostic.ts";
import { renderGithub } from "../../diagnostics/render-github.ts";
import { renderHuman } from "../../diagnostics/render-human.ts";
import { renderJson } from "../../diagnostics/render-json.ts";
import { renderSarif } from "../../diagnostics/render-sarif.ts";
import { type Project, readProject } from "../../project/read.ts";
import type { Command, Io } from "../command.ts";
import { fromRepository, repositoryRoot } from "../repository.ts";

/** Each format of the report. */
const RENDERERS = {
	human: renderReport,
	json: (project) => renderJson(project),
	github: (project, io) => `${renderGithub(fromRepository(project.diagnostics, io))}${conclude(project)}`,
	sarif: (project, io) => renderSarif(fromRepository(project.diagnostics, io), repositoryRoot(io)),
} as const satisfies Record<string, (project: Project, io: Io) => string>;

type Format = keyof typeof RENDERERS;

export const validate: Command = {
	name: "validate",
	summary: "Check definitions and say what is wrong, where and what to do",
	positionals: "[paths…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		env: { type: "string", value: "E", help: "Check one environment instead of all" },
		format: { type: "string", choices: Object.keys(RENDERERS), help: "How to report (human)" },
	},
	examples: [
		"pipeline validate",
		"pipeline validate pipelines/user-actions.yaml",
		"pipeline validate --env local --format json",
		"pipeline validate --format github",
	],
	async run(args, io) {
		const project = readProject(io.cwd, args.positionals, args.option("env"));
		const format = (args.option("format") ?? "human") as Format;
		io.stdout(RENDERERS[format](project, io));
		return hasErrors(project.diagnostics) ? 1 : 0;
	},
};

function renderReport(project: Project, io: Io): string {
	const { diagnostics, sources } = project;
	const found = diagnostics.length === 0 ? "" : `${renderHuman(diagnostics, { sources, colour: io.terminal })}\n`;
	return `${found}${conclude(project)}`;
}

function conclude({ diagnostics, files, pipelines }: Project): string {
	return `${count(pipelines, "pipeline")} in ${count(files, "file")}: ${summarise(diagnostics)}.\n`;
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
