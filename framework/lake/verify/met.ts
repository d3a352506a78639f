import type { LakeRecord } from "../record.ts";
import type { Hearing } from "./hear.ts";
import { minuteOf } from "./minutes.ts";

/** Of which of the lake's records a witness can speak, by minute: one that is heard anew after a stop may have forgotten the earlier ones. */
export interface Met {
	/** Lets all witnesses meet a record. */
	add(record: LakeRecord): void;
	/** Records of which none can speak. */
	unwitnessed(): number;
	mark(): MetMark;
}

export interface MetMark {
	/** Of the witnesses, in the order of the bits. */
	identities: string[];
	/** Which of them met so many records of a minute. */
	minutes: [bits: number, minute: number, count: number][];
	unwitnessed: number;
}

export function createMet(hearings: readonly Hearing[], before: MetMark | null): Met {
	/** By minute, for each set of witnesses. */
	const counts = new Map<number, Map<number, number>>();
	let unwitnessed = before?.unwitnessed ?? 0;
	const count = (bits: number, minute: number, records: number): void => {
		if (bits === 0) {
			unwitnessed += records;
			return;
		}
		const minutes = counts.get(bits) ?? new Map<number, number>();
		counts.set(bits, minutes);
		minutes.set(minute, (minutes.get(minute) ?? 0) + records);
	};
	for (const [bits, minute, records] of before?.minutes ?? []) {
		const met = before?.identities.filter((_, index) => bits & (1 << index)) ?? [];
		const still = hearings.map((each) => met.includes(each.identity) && each.covers(minute));
		count(bitsOf(still), minute, records);
	}
	return {
		add(record) {
			let bits = 0;
			for (let index = 0; index < hearings.length; index++) if (hearings[index]?.meet(record)) bits |= 1 << index;
			count(bits, minuteOf(record.time), 1);
		},
		unwitnessed: () => unwitnessed,
		mark: () => ({
			identities: hearings.map(({ identity }) => identity),
			minutes: Array.from(counts, ([bits, minutes]) =>
				Array.from(minutes, ([minute, records]): MetMark["minutes"][number] => [bits, minute, records]),
			).flat(),
			unwitnessed,
		}),
	};
}

const bitsOf = (flags: readonly boolean[]): number =>
	flags.reduce((bits, flag, index) => (flag ? bits | (1 << index) : bits), 0);
