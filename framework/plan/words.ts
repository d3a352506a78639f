/** `1 record`, `100 records`. */
export function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const UNITS = [
	[86_400, "d"],
	[3600, "h"],
	[60, "min"],
] as const;

/** Seconds in the largest unit that divides them: `6 h`, `90 s`. */
export function duration(seconds: number): string {
	const unit = UNITS.find(([length]) => seconds >= length && seconds % length === 0);
	return unit ? `${seconds / unit[0]} ${unit[1]}` : `${seconds} s`;
}
