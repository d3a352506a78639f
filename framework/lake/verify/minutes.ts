import type { Witnessed } from "./witness.ts";

/** Which records there are of each minute, in memory that does not grow with them: two sets with the same sums are the same. */
export interface Minutes {
	add(record: Witnessed): void;
	records: number;
	of(minute: number): Sum;
	keys(): Iterable<number>;
	/** As JSON, to go on with. */
	mark(): MinuteMark[];
}

/** Of a minute: how many, and both sums. */
export type MinuteMark = [minute: number, count: number, low: number, high: number];

interface Sum {
	count: number;
	low: number;
	high: number;
}

const NONE: Sum = { count: 0, low: 0, high: 0 };

export const minuteOf = (seconds: number): number => Math.floor(seconds / 60);

export function createMinutes(before: readonly MinuteMark[] = []): Minutes {
	const sums = new Map<number, Sum>(before.map(([minute, count, low, high]) => [minute, { count, low, high }]));
	const minutes: Minutes = {
		records: before.reduce((total, [, count]) => total + count, 0),
		add({ eventID, time }) {
			const minute = minuteOf(time);
			const sum = sums.get(minute) ?? { ...NONE };
			sums.set(minute, sum);
			sum.count += 1;
			sum.low ^= fnv(eventID, 0x811c9dc5);
			sum.high ^= fnv(eventID, 0x01000193);
			minutes.records += 1;
		},
		of: (minute) => sums.get(minute) ?? NONE,
		keys: () => sums.keys(),
		mark: () => Array.from(sums, ([minute, { count, low, high }]) => [minute, count, low, high]),
	};
	return minutes;
}

/** Minutes of which both do not know the same, in their order. */
export function differences(one: Minutes, other: Minutes): number[] {
	const differ = (minute: number): boolean => {
		const [left, right] = [one.of(minute), other.of(minute)];
		return left.count !== right.count || left.low !== right.low || left.high !== right.high;
	};
	return [...new Set([...one.keys(), ...other.keys()])].filter(differ).sort((a, b) => a - b);
}

/** FNV-1a from a basis of one's own: 64 bits of two of them. Nobody chooses eventIDs to deceive; a cryptographic hash would cost more than it gives. */
function fnv(text: string, basis: number): number {
	let hash = basis;
	for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
	return hash;
}
