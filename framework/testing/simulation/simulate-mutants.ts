import { readFileSync, writeFileSync } from "node:fs";
import { refuse, scriptOptions } from "../script-options.ts";
import { loadCode } from "./code.ts";
import { trouble } from "./hunt.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";

const SCRIPT = {
	name: "simulate:mutants",
	summary:
		"Looks anew for a seed that catches each planted bug, and writes them to caught.json; exit 1 when a bug survives",
	options: {
		seeds: { type: "string", value: "N", least: 1, help: "Look among the first N seeds (10000)." },
		only: { type: "string", value: "TEXT", help: "Only bugs whose name holds this." },
		missing: { type: "boolean", help: "Look only where the recorded seed catches nothing any more." },
	},
} as const;
const { seeds = 10_000, only, missing } = scriptOptions(SCRIPT);
if (only !== undefined && !MUTANTS.some(({ name }) => name.includes(only)))
	refuse(SCRIPT, `--only ${only}: no planted bug has this in its name.`);
const file = new URL("caught.json", import.meta.url);
const known: Record<string, number> = JSON.parse(readFileSync(file, "utf8"));

const sound = await loadCode();

async function hunt(mutant: Mutant): Promise<{ seed: number; said: string } | null> {
	const code = await loadCode(mutant);
	const recorded = known[mutant.name];
	const first = missing && recorded !== undefined ? [recorded] : [];
	for (let tried = 0; tried < first.length + seeds; tried++) {
		const seed = first[tried] ?? tried - first.length + 1;
		const said = await trouble(seed, code);
		if (said === null) continue;
		if ((await trouble(seed, sound)) === null) return { seed, said };
		process.stderr.write(`seed ${seed} breaks a promise of the code as it is.\n`);
	}
	return null;
}

const caught: Record<string, number> = {};
for (const mutant of MUTANTS) {
	const { name } = mutant;
	const skip = only !== undefined && !name.includes(only);
	const found = skip ? null : await hunt(mutant);
	if (skip && known[name] !== undefined) caught[name] = known[name];
	if (skip) continue;
	if (found) caught[name] = found.seed;
	process.stdout.write(`${name.padEnd(64)} ${found ? `seed ${found.seed}: ${found.said}` : "SURVIVED"}\n`);
}
writeFileSync(file, `${JSON.stringify(caught, null, "\t")}\n`);
process.stderr.write(`${Object.keys(caught).length} of ${MUTANTS.length} planted bugs are caught.\n`);
process.exitCode = Object.keys(caught).length === MUTANTS.length ? 0 : 1;
