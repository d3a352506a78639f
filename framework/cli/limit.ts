import { UsageError } from "./command.ts";

/** The number of `--limit`, at least 1; without one, `absent`. `noun` is what it counts. */
export function parseLimit(text: string | undefined, noun: string, absent: number): number {
	if (text === undefined) return absent;
	if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--limit ${text}: give a whole number of ${noun}, at least 1.`);
	return Number(text);
}
