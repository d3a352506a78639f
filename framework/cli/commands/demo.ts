import { join, resolve } from "node:path";
import { findProjectRoot } from "../../project/root.ts";
import { type Command, UsageError } from "../command.ts";
import { renderResult } from "../demo/report.ts";
import { runDemo } from "../demo/run-demo.ts";
import { FAULTS, type Fault } from "../demo/sabotage.ts";

const DEFAULT_EVENTS = 1000;
/** More would outgrow what a laptop keeps in memory for the comparison. */
const MOST_EVENTS = 1_000_000;

export const demo: Command = {
	name: "demo",
	summary: "Run the shipped pipeline whole, produce events, and check that each arrived",
	positionals: "",
	arity: [0, 0],
	options: {
		events: { type: "string", value: "N", help: `Stream records to produce (default ${DEFAULT_EVENTS}).` },
		rate: { type: "string", value: "N", help: "Stream records a second at most (as fast as it can)." },
		sabotage: {
			type: "string",
			choices: FAULTS,
			help: "Plant a fault, to see that the check finds it: the exit status is then 1.",
		},
		data: { type: "string", value: "DIR", help: "Where the files go (default .tributary/demo); emptied first." },
	},
	examples: [
		"pipeline demo",
		"pipeline demo --events 20000",
		"pipeline demo --rate 50",
		"pipeline demo --sabotage swap",
	],
	async run(args, io) {
		const projectRoot = findProjectRoot(io.cwd);
		const rate = args.option("rate");
		const result = await runDemo(
			{
				projectRoot,
				dataDir: resolve(io.cwd, args.option("data") ?? join(projectRoot, ".tributary", "demo")),
				events: parseNumber("--events", args.option("events") ?? String(DEFAULT_EVENTS)),
				rate: rate === undefined ? null : parseNumber("--rate", rate),
				fault: (args.option("sabotage") as Fault | undefined) ?? null,
			},
			io,
		);
		if (result === null && io.signal.aborted) {
			io.stderr("Stopped before the end: nothing was checked.\n");
			return 2;
		}
		if (result === null) return 1;
		io.stdout(renderResult(result));
		return result.problems.length === 0 ? 0 : 1;
	},
};

function parseNumber(option: string, text: string): number {
	const number = Number(text);
	if (!/^\d+$/.test(text) || number < 1 || number > MOST_EVENTS)
		throw new UsageError(`${option} ${text}: give a whole number from 1 to ${MOST_EVENTS}.`);
	return number;
}
