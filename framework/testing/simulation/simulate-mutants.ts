/**
 * npm run simulate:mutants -- [--seeds N] [--only text] [--missing]: looks anew for a seed that catches each planted bug, among the first N,
 * and writes them to caught.json; with `--missing` only where the recorded seed catches nothing any more. Exit 1 when a bug survives.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadCode } from "./code.ts";
import { trouble } from "./hunt.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "10000" },
		only: { type: "string" },
		missing: { type: "boolean", default: false },
	},
});
const file = new URL("caught.json", import.meta.url);
const known: Record<string, number> = JSON.parse(readFileSync(file, "utf8"));

const sound = await loadCode();

async function hunt(mutant: Mutant): Promise<{ seed: number; said: string } | null> {
	const code = await loadCode(mutant);
	const recorded = known[mutant.name];
	const first = values.missing && recorded !== undefined ? [recorded] : [];
	for (let tried = 0; tried < first.length + Number(values.seeds); tried++) {
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
	const skip = values.only !== undefined && !name.includes(values.only);
	const found = skip ? null : await hunt(mutant);
	if (skip && known[name] !== undefined) caught[name] = known[name];
	if (skip) continue;
	if (found) caught[name] = found.seed;
	process.stdout.write(`${name.padEnd(64)} ${found ? `seed ${found.seed}: ${found.said}` : "SURVIVED"}\n`);
}
writeFileSync(file, `${JSON.stringify(caught, null, "\t")}\n`);
process.stderr.write(`${Object.keys(caught).length} of ${MUTANTS.length} planted bugs are caught.\n`);
process.exitCode = Object.keys(caught).length === MUTANTS.length ? 0 : 1;
