import type { Change } from "../contract/change.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { ReplayEvent } from "../contract/replay.ts";
import type { Arrival } from "./arrival.ts";
import { makeChange } from "./change.ts";
import type { Entry } from "./ledger.ts";
import { newEventID } from "./replay.ts";

/**
 * An entry that is made ready when it is about to be delivered: its images are then looked into and written one right after the other,
 * while they are near. Made ready all at once, those of a batch would be fetched from memory twice.
 */
export class OwedRecord implements Entry {
	readonly arrival: Arrival;
	readonly #manifest: Manifest;
	readonly #replay: ReplayEvent | null;
	#change: Change | null | undefined;

	constructor(arrival: Arrival, manifest: Manifest, replay: ReplayEvent | null) {
		this.arrival = arrival;
		this.#manifest = manifest;
		this.#replay = replay;
	}

	get lane(): string {
		return this.arrival.keyHash;
	}

	get change(): Change | null {
		if (this.#change === undefined) this.#change = changeOf(this.arrival, this.#manifest, this.#replay);
		return this.#change;
	}
}

function changeOf(
	{ keyHash, state }: Arrival,
	{ environment, pipeline, table }: Manifest,
	replay: ReplayEvent | null,
): Change | null {
	if (state.status !== "ready") return null;
	const { record } = state;
	const origin = { environment, pipeline, region: record.awsRegion ?? "", keys: table.keys };
	if (replay === null) return makeChange(record, origin, keyHash);
	const replayed = replay.newIds ? { ...record, eventID: newEventID(replay, record.eventID) } : record;
	return makeChange(replayed, { ...origin, replayId: replay.replayId }, keyHash);
}
