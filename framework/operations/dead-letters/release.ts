import type { LetterPlace, Stores } from "../place.ts";
import type { Quarantines } from "../quarantine.ts";
import { type LetterRef, lettersOf } from "./letters.ts";

/** How often it is looked for a record that is just being parked, and how long between. */
const LOOKS = 5;
const LOOK_MILLISECONDS = 1000;

/**
 * Lifts the quarantine of an item that nothing is left of. `more` are letters that were parked meanwhile; `waiting`: a record was
 * noted whose letter does not come, since its function was interrupted. It comes again, and the next redrive finds it.
 */
export async function release(
	place: LetterPlace,
	services: Stores,
	quarantines: Quarantines,
	keyHash: string,
): Promise<{ status: "free" | "lifted" | "waiting" } | { status: "more"; letters: LetterRef[] }> {
	for (let look = 0; look < LOOKS; look++) {
		if (look > 0) await services.sleep(LOOK_MILLISECONDS);
		// The order matters: what is noted after this reading stops the lifting, and what was noted before it is in the list or beyond what is through.
		const state = await quarantines.read(keyHash);
		if (!state.quarantine) return { status: "free" };
		const letters = await lettersOf(place, services, keyHash);
		if (letters.length > 0) return { status: "more", letters };
		if (await quarantines.lift(state)) return { status: "lifted" };
	}
	return { status: "waiting" };
}
