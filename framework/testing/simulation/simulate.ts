import { scriptOptions } from "../script-options.ts";
import { loadCode } from "./code.ts";
import { drawScenario } from "./draw.ts";
import { describeRun } from "./report.ts";
import { runScenario } from "./run.ts";
import { shrink } from "./shrink.ts";

const {
	seed: from,
	seeds,
	trace,
} = scriptOptions({
	name: "simulate",
	summary: "Looks for a broken promise in scenarios drawn from seeds; exit 1 when it finds one",
	options: {
		seeds: { type: "string", value: "N", least: 1, help: "How many scenarios (1000; 1 with --seed)." },
		seed: { type: "string", value: "S", least: 0, help: "The first seed (1)." },
		trace: { type: "boolean", help: "Print what happened in each, not only in those that break a promise." },
	},
});
const first = from ?? 1;
const count = seeds ?? (from === undefined ? 1000 : 1);

const code = await loadCode();
const begun = performance.now();
let broken = 0;
for (let seed = first; seed < first + count; seed++) {
	const run = await runScenario(drawScenario(seed), code);
	if (trace) process.stdout.write(describeRun(run));
	if (run.facts.violations.length === 0) continue;
	broken += 1;
	process.stdout.write(`${describeRun(run)}\nThe same, cut down:\n${describeRun(await shrink(run, code))}\n`);
}
const rate = Math.round((60_000 * count) / (performance.now() - begun));
process.stderr.write(`${count} seeds from ${first} on, about ${rate} a minute: ${broken} with a broken promise.\n`);
process.exitCode = broken === 0 ? 0 : 1;
