import { printable } from "../../diagnostics/render-human.ts";
import { renderHuman } from "../../plan/render-human.ts";
import { serializePlan } from "../../plan/serialize.ts";
import type { Command } from "../command.ts";
import { loadPlan } from "../project.ts";

/** `pipeline plan`: what an environment shall be. */
export const plan: Command = {
	name: "plan",
	summary: "Show what will exist, why, and what each consumer is promised",
	positionals: "[names…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		env: { type: "string", value: "E", default: "local", help: "Environment (local)" },
		format: { type: "string", choices: ["human", "json"], default: "human", help: "How to show it (human)" },
	},
	examples: ["pipeline plan", "pipeline plan user-actions", "pipeline plan --env local --format json"],
	async run(args, io) {
		const compiled = await loadPlan(io, { env: args.option("env") ?? "local", names: args.positionals });
		if (compiled === null) return 1;
		// Names and descriptions come from files that anyone may write.
		io.stdout(args.option("format") === "json" ? serializePlan(compiled) : printable(renderHuman(compiled)));
		return 0;
	},
};
