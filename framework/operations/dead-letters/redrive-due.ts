import type { RedrivePolicy } from "../../contract/redrive.ts";
import { withLease } from "../lease.ts";
import { mapAhead } from "../map-ahead.ts";
import { HeldError } from "../operation-error.ts";
import type { LetterPlace, Stores } from "../place.ts";
import { type ItemState, openQuarantines } from "../quarantine.ts";
import { lettersOf } from "./letters.ts";
import { isGivenUp, nextAttempt } from "./next-attempt.ts";
import { mergeRecords } from "./pending.ts";
import { ITEMS_AT_ONCE, redrive } from "./redrive.ts";
import type { OwedItem, RedriveOptions } from "./redrive-types.ts";

export interface DueOptions extends Pick<RedriveOptions, "id" | "signal" | "deliver"> {
	policy: RedrivePolicy;
	/** Epoch milliseconds that the look is for. */
	time: number;
	/** An item stays for a person from now on. */
	onGivenUp(eventID: string, reason: string | null): void;
	/** A letter was put aside: the consumer does not select its record any more. */
	onSkipped(eventID: string, reason: string | null): void;
}

export interface DueResult {
	delivered: number;
	lifted: number;
	/** Items whose record failed for now. */
	retried: number;
	givenUp: number;
}

/**
 * Redrives the items that are due: those in quarantine whose first record was not refused, and not tried since for longer than its
 * attempts ask for. One attempt at a record; a call of which the consumer takes nothing ends it. null: nothing is due, or somebody
 * else is at work on the consumer, and the next look will see.
 */
export async function redriveDue(place: LetterPlace, stores: Stores, options: DueOptions): Promise<DueResult | null> {
	const { policy, time, id } = options;
	const quarantines = openQuarantines(place, stores);
	const isDue = (state: ItemState): boolean => nextAttempt(state, policy, time).status === "due";
	if (!(await some(quarantines.list(), isDue))) {
		// Whoever lifted the last quarantine may have died before this.
		await quarantines.clearMarker();
		return null;
	}
	const result = { retried: 0, givenUp: 0 };
	const eventIDs = new Map<string, string>();
	const work = async (lease: RedriveOptions["lease"]): Promise<DueResult> => {
		const { delivered, lifted } = await redrive(place, stores, dueItems(place, stores, isDue), {
			...options,
			rate: null,
			lease,
			attempts: 1,
			endsWhenDown: true,
			onRecord({ keyHash, eventID, outcome, reason }) {
				if (outcome === "skipped") options.onSkipped(eventID, reason);
				eventIDs.set(keyHash, eventID);
			},
			async onStuck({ keyHash, state }, { sequence, outcome, reason, attempted }) {
				if (outcome === "failed" && !attempted) return;
				const attempts = (state.redrive?.sequence === sequence ? state.redrive.attempts : 0) + 1;
				const note = { sequence, attempts, lastAt: time, outcome };
				await quarantines.note(keyHash, note);
				result[isGivenUp(note, policy) ? "givenUp" : "retried"] += 1;
				if (isGivenUp(note, policy)) options.onGivenUp(eventIDs.get(keyHash) ?? "", reason);
			},
		});
		return { delivered, lifted, ...result };
	};
	try {
		return await withLease(place, stores, id, work);
	} catch (error) {
		if (error instanceof HeldError) return null;
		throw error;
	}
}

async function some<Member>(members: AsyncIterable<Member>, holds: (member: Member) => boolean): Promise<boolean> {
	for await (const member of members) if (holds(member)) return true;
	return false;
}

/** Each is looked at anew when its turn comes: the list may be minutes old then. */
async function* dueItems(
	place: LetterPlace,
	stores: Stores,
	isDue: (state: ItemState) => boolean,
): AsyncGenerator<OwedItem> {
	const quarantines = openQuarantines(place, stores);
	const readDue = async (listed: ItemState): Promise<OwedItem | null> => {
		if (!isDue(listed)) return null;
		const state = await quarantines.read(listed.keyHash);
		if (!state.quarantine || !isDue(state)) return null;
		const { keyHash } = state;
		return { keyHash, records: mergeRecords(await lettersOf(place, stores, keyHash), []), state };
	};
	for await (const item of mapAhead(quarantines.list(), ITEMS_AT_ONCE, readDue)) if (item) yield item;
}
