/** npm run simulate -- [--seeds N] [--seed S] [--trace]: looks for a broken promise in N scenarios, from seed S on. Exit 1 when it finds one. */
import { parseArgs } from "node:util";
import { loadCode } from "./code.ts";
import { drawScenario } from "./draw.ts";
import { describeRun } from "./report.ts";
import { runScenario } from "./run.ts";
import { shrink } from "./shrink.ts";

const { values } = parseArgs({
	options: { seeds: { type: "string" }, seed: { type: "string" }, trace: { type: "boolean", default: false } },
});
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 1000 : 1));
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
	process.stderr.write("--seed and --seeds take whole numbers; --seeds at least 1.\n");
	process.exit(2);
}

const code = await loadCode();
const begun = performance.now();
let broken = 0;
for (let seed = first; seed < first + count; seed++) {
	const run = await runScenario(drawScenario(seed), code);
	if (values.trace) process.stdout.write(describeRun(run));
	if (run.facts.violations.length === 0) continue;
	broken += 1;
	process.stdout.write(`${describeRun(run)}\nThe same, cut down:\n${describeRun(await shrink(run, code))}\n`);
}
const rate = Math.round((60_000 * count) / (performance.now() - begun));
process.stderr.write(`${count} seeds from ${first} on, about ${rate} a minute: ${broken} with a broken promise.\n`);
process.exitCode = broken === 0 ? 0 : 1;
