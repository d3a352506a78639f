/** A promise about a measured figure. */
export interface Bar {
	what: string;
	value: number;
	/** The bound, and on which side of it the value must lie. */
	bound: number;
	side: "at most" | "at least";
}

export const isMet = ({ value, bound, side }: Bar): boolean => (side === "at most" ? value <= bound : value >= bound);

/** Prints the bars and answers the exit code: 1 when one is missed, or, `inverted`, when one of those that must fail does not. */
export function judge(bars: readonly Bar[], inverted = false): 0 | 1 {
	const width = Math.max(...bars.map(({ what }) => what.length));
	for (const bar of bars) {
		const verdict = isMet(bar) ? "met" : "MISSED";
		print(`${bar.what.padEnd(width)}  ${bar.value.toFixed(3).padStart(8)}  ${bar.side} ${bar.bound}  ${verdict}`);
	}
	const wrong = bars.filter((bar) => isMet(bar) === inverted);
	if (inverted)
		print(
			wrong.length === 0
				? "\nEvery bar was missed with the planted slowness, as it must be."
				: "\nA bar was met in spite of the planted slowness: it proves nothing.",
		);
	return wrong.length === 0 ? 0 : 1;
}

export function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
