import type { LetterPlace, Stores } from "../place.ts";
import { openQuarantines } from "../quarantine.ts";
import { deleteLetter, type LetterRef } from "./letters.ts";
import { release } from "./release.ts";

export interface DropResult {
	dropped: number;
	lifted: number;
}

/** Deletes letters for good. An item that has none left leaves its quarantine. */
export async function dropLetters(
	place: LetterPlace,
	services: Stores,
	letters: AsyncIterable<LetterRef> | Iterable<LetterRef>,
): Promise<DropResult> {
	const quarantines = openQuarantines(place, services);
	const result: DropResult = { dropped: 0, lifted: 0 };
	const end = async (keyHash: string): Promise<void> => {
		const { status } = await release(place, services, quarantines, keyHash);
		if (status === "lifted") result.lifted += 1;
	};
	let item: string | null = null;
	for await (const { key, keyHash, sequence } of letters) {
		if (item !== null && item !== keyHash) await end(item);
		item = keyHash;
		await quarantines.pass(keyHash, "droppedThrough", sequence);
		await deleteLetter(place, services, key);
		result.dropped += 1;
	}
	if (item !== null) await end(item);
	await quarantines.clearMarker();
	return result;
}

/** Deletes letters that no item waits for. */
export async function deleteSkipped(
	place: LetterPlace,
	stores: Stores,
	letters: AsyncIterable<LetterRef>,
): Promise<DropResult> {
	const result: DropResult = { dropped: 0, lifted: 0 };
	for await (const { key } of letters) {
		await deleteLetter(place, stores, key);
		result.dropped += 1;
	}
	return result;
}
