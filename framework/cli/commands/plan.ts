import { printable } from "../../diagnostics/render-human.ts";
import { renderHuman } from "../../plan/render-human.ts";
import { renderMarkdown } from "../../plan/render-markdown.ts";
import { renderMermaid } from "../../plan/render-mermaid.ts";
import { serializePlan } from "../../plan/serialize.ts";
import type { Plan } from "../../plan/types.ts";
import type { Command } from "../command.ts";
import { loadPlan } from "../project.ts";

const RENDERERS = {
	human: renderHuman,
	json: serializePlan,
	mermaid: renderMermaid,
	markdown: (plan) => renderMarkdown(plan),
} as const satisfies Record<string, (plan: Plan) => string>;

type Format = keyof typeof RENDERERS;

/** `pipeline plan`: what an environment shall be. */
export const plan: Command = {
	name: "plan",
	summary: "Show what will exist, why, and what each consumer is promised",
	positionals: "[names…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		env: { type: "string", value: "E", default: "local", help: "Environment (local)" },
		format: { type: "string", choices: Object.keys(RENDERERS), default: "human", help: "How to show it (human)" },
	},
	examples: ["pipeline plan", "pipeline plan user-actions", "pipeline plan --env prod --format markdown"],
	async run(args, io) {
		const compiled = await loadPlan(io, { env: args.option("env") ?? "local", names: args.positionals });
		if (compiled === null) return 1;
		const format = (args.option("format") ?? "human") as Format;
		const text = RENDERERS[format](compiled);
		// Names and descriptions come from files that anyone may write; JSON has its own escapes.
		io.stdout(format === "json" ? text : printable(text));
		return 0;
	},
};
