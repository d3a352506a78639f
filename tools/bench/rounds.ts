/** One thing that is measured: `prepare` is not timed, and what it answers is what `run` gets. */
export interface Variant<Input = unknown> {
	name: string;
	prepare(): Input;
	run(input: Input): unknown;
}

/** Milliseconds of each round, by variant. */
export type Times = ReadonlyMap<string, readonly number[]>;

/**
 * Measures variants in one process, all of them in every round and each round in another order, so that what the machine does
 * meanwhile strikes all alike. The least of many rounds is what the machine can do when nobody disturbs. The first rounds warm up and do not count.
 */
export async function measure(variants: readonly Variant[], rounds: number, warmUp = 3): Promise<Times> {
	const times = new Map(variants.map(({ name }) => [name, [] as number[]]));
	for (let round = -warmUp; round < rounds; round++) {
		const shift = Math.abs(round) % variants.length;
		for (const { name, prepare, run } of [...variants.slice(shift), ...variants.slice(0, shift)]) {
			const input = prepare();
			// Nobody pays for another's garbage: node runs with --expose-gc, and with a small young generation, so that the collector's work comes in
			// many small pieces. A large one is looked through once or twice in a run, by chance of who fills it.
			globalThis.gc?.();
			const start = process.hrtime.bigint();
			await run(input);
			const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
			if (round >= 0) times.get(name)?.push(milliseconds);
		}
	}
	return times;
}

export const least = (times: readonly number[]): number => Math.min(...times);
