import { renderPlan } from "../../plan/render-human.ts";
import type { Command } from "../command.ts";
import { loadPlan } from "../project.ts";

export const plan: Command = {
	name: "plan",
	summary: "Show what will exist, why, and what each consumer is promised",
	positionals: "[names…]",
	arity: [0, Number.POSITIVE_INFINITY],
	options: {
		env: { type: "string", value: "E", help: "The environment (default local)." },
		format: { type: "string", choices: ["human", "json"], help: "For a person (default), or the plan itself." },
	},
	examples: ["pipeline plan", "pipeline plan user-actions --env prod", "pipeline plan --format json"],
	async run(args, io) {
		const loaded = await loadPlan(io, { env: args.option("env") ?? "local", names: args.positionals });
		if (loaded === null) return 1;
		io.stdout(args.option("format") === "json" ? `${JSON.stringify(loaded, null, "\t")}\n` : renderPlan(loaded));
		return 0;
	},
};
