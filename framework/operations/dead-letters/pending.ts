import type { ConsumerPlace, Services } from "../place.ts";
import { type Dump, listDumps } from "./dumps.ts";
import { type LetterRef, listLetters } from "./letters.ts";

/** A record that a consumer is owed: in a letter, in dumps, or in both. */
export interface Pending {
	keyHash: string;
	sequence: string;
	eventID: string;
	letter: LetterRef | null;
	dumped: { key: string; record: unknown }[];
}

/** What one item is owed, in its order. */
export interface PendingItem {
	keyHash: string;
	records: Pending[];
}

/** What stands in a consumer's dumps. They are few: they are held in memory. */
export interface DumpedRecords {
	byItem: Map<string, Pending[]>;
	/** Records that a dump still holds, by its key. */
	left: Map<string, number>;
}

export async function loadDumps(place: ConsumerPlace, services: Services): Promise<DumpedRecords> {
	const dumped: DumpedRecords = { byItem: new Map(), left: new Map() };
	for await (const dump of listDumps(place, services)) add(dumped, dump);
	return dumped;
}

function add({ byItem, left }: DumpedRecords, { key, records }: Dump): void {
	left.set(key, records.length);
	for (const { keyHash, sequence, eventID, record } of records) {
		const item = byItem.get(keyHash) ?? [];
		byItem.set(keyHash, item);
		const known = item.find((each) => each.eventID === eventID && each.sequence === sequence);
		if (known) known.dumped.push({ key, record });
		else item.push({ keyHash, sequence, eventID, letter: null, dumped: [{ key, record }] });
	}
}

/** Everything that a consumer is owed, item by item. Memory holds the names of one item's letters. */
export async function* listPending(
	place: ConsumerPlace,
	services: Services,
	{ byItem }: DumpedRecords,
): AsyncGenerator<PendingItem> {
	const dumped = new Map(byItem);
	for await (const letters of lettersByItem(place, services)) {
		const keyHash = letters[0]?.keyHash ?? "";
		yield { keyHash, records: mergeRecords(letters, dumped.get(keyHash) ?? []) };
		dumped.delete(keyHash);
	}
	for (const [keyHash, records] of dumped) yield { keyHash, records: mergeRecords([], records) };
}

async function* lettersByItem(place: ConsumerPlace, services: Services): AsyncGenerator<LetterRef[]> {
	let letters: LetterRef[] = [];
	for await (const letter of listLetters(place, services)) {
		if (letters[0] && letters[0].keyHash !== letter.keyHash) {
			yield letters;
			letters = [];
		}
		letters.push(letter);
	}
	if (letters.length > 0) yield letters;
}

/** One entry for each record, in the item's order. */
export function mergeRecords(letters: readonly LetterRef[], dumped: readonly Pending[]): Pending[] {
	const left = new Set(dumped);
	const merged = letters.map((letter): Pending => {
		const { keyHash, sequence, eventID } = letter;
		const both = dumped.find((each) => each.sequence === sequence && each.eventID === eventID);
		if (both) left.delete(both);
		return { keyHash, sequence, eventID, letter, dumped: both?.dumped ?? [] };
	});
	return [...merged, ...left].sort((one, other) => compare(one.sequence, other.sequence));
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
