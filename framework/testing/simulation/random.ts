import { createRandom } from "../../cli/invoke/random.ts";

/** Chance of one purpose: what is drawn for one thing does not depend on how much was drawn for another. */
export interface Chance {
	/** From 0 up to 1. */
	next(): number;
	/** A whole number from `least` to `most`, both included. */
	integer(least: number, most: number): number;
	/** True in so many of one cases. */
	happens(share: number): boolean;
	pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T;
}

/** Chance of a seed and a purpose: the same for the same two. */
export function chanceOf(seed: number, ...purpose: (string | number)[]): Chance {
	const next = createRandom(hash(`${seed}/${purpose.join("/")}`));
	const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
	return {
		next,
		integer,
		happens: (share) => next() < share,
		pick: <T>(choices: readonly T[]): T => {
			if (choices.length === 0) throw new RangeError("There is nothing to choose from.");
			return choices[integer(0, choices.length - 1)] as T;
		},
	};
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
	let value = 0x811c9dc5;
	for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
	return value >>> 0;
}
