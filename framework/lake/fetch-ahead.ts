import { LakeError } from "./lake-error.ts";
import type { LakeObject } from "./list.ts";
import type { LakePlace } from "./place.ts";
import { readLines } from "./read-object.ts";
import { type LakeRecord, parseRecord } from "./record.ts";

/** Fetches objects, before they are asked for if it is told to. */
export interface Fetcher {
	begin(object: LakeObject): void;
	/** Its records in the order of its lines; null if it cannot be read, which was told. */
	take(object: LakeObject): Promise<LakeRecord[] | null>;
	/** Passes an error on to whoever wants to be told, or else throws it. */
	tell(error: unknown): null;
}

export function createFetcher(place: LakePlace, onBroken: ((error: LakeError) => void) | undefined): Fetcher {
	const fetched = new Map<LakeObject, Promise<LakeRecord[]>>();
	const begin = (object: LakeObject): Promise<LakeRecord[]> => {
		const known = fetched.get(object) ?? readRecords(place, object);
		// Whoever takes it is told; until then nobody listens.
		known.catch(() => {});
		fetched.set(object, known);
		return known;
	};
	const tell = (error: unknown): null => {
		if (!(error instanceof LakeError) || !onBroken) throw error;
		onBroken(error);
		return null;
	};
	return {
		begin,
		async take(object) {
			const records = await begin(object).catch(tell);
			fetched.delete(object);
			return records;
		},
		tell,
	};
}

async function readRecords(place: LakePlace, object: LakeObject): Promise<LakeRecord[]> {
	const lines = await readLines(place, object);
	return lines.map((line, index) => parseRecord(line, object.key, index + 1));
}
