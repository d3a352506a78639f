import { parseArgs } from "node:util";

export interface BenchOptions {
	rounds: number;
	/** Times that everything of ours is done: 1, or more to see the bars fail. */
	times: number;
	/** A small run with planted slowness, which succeeds when every bar is missed. */
	smoke: boolean;
}

/** Reads a benchmark's arguments: `--rounds N`, `--slow`, `--smoke`. */
export function benchOptions(rounds: number, smokeRounds = 3): BenchOptions {
	const { values } = parseArgs({
		options: { rounds: { type: "string" }, slow: { type: "boolean" }, smoke: { type: "boolean" } },
	});
	const smoke = values.smoke === true;
	const asked = values.rounds === undefined ? (smoke ? smokeRounds : rounds) : Number(values.rounds);
	if (!Number.isInteger(asked) || asked < 1) throw new Error("--rounds takes a whole number from 1.");
	return { rounds: asked, times: smoke ? 10 : values.slow ? 4 : 1, smoke };
}
