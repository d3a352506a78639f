import { scriptOptions } from "../../framework/testing/script-options.ts";

export interface BenchOptions {
	rounds: number;
	/** Times that everything of ours is done: 1, or more to see the bars fail. */
	times: number;
	/** A small run with planted slowness, which succeeds when every bar is missed. */
	smoke: boolean;
}

/** The options that every benchmark has; `rounds` is what it does unless told. */
export const commonOptions = (rounds: number) =>
	({
		rounds: { type: "string", value: "N", least: 1, help: `Rounds to measure (${rounds}); the more, the steadier.` },
		slow: { type: "boolean", help: "Plant slowness of ours: bars are missed, and the exit status is 1." },
		smoke: { type: "boolean", help: "A short run with planted slowness, which succeeds when bars are missed." },
	}) as const;

/** Reads a benchmark's arguments: `--rounds N`, `--slow`, `--smoke`. */
export function benchOptions(name: string, summary: string, rounds: number, smokeRounds = 3): BenchOptions {
	const { rounds: asked, slow, smoke } = scriptOptions({ name, summary, options: commonOptions(rounds) });
	return { rounds: asked ?? (smoke ? smokeRounds : rounds), times: smoke ? 10 : slow ? 4 : 1, smoke };
}
