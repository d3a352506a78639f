import type { Change } from "../contract/change.ts";
import type { Images } from "../contract/deliver.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { ReplayEvent } from "../contract/replay.ts";
import type { Arrival, ArrivalState } from "./arrival.ts";
import { makeChange } from "./change.ts";
import type { Entry } from "./ledger.ts";
import { newEventID } from "./replay.ts";

/** What all records of a batch have in common, for those who are sent the same images. */
export interface Common {
	manifest: Manifest;
	replay: ReplayEvent | null;
	images: Images;
}

/**
 * An entry that is made ready when it is about to be delivered: its images are then looked into and written one right after the other,
 * while they are near. Made ready all at once, those of a batch would be fetched from memory twice.
 */
export class OwedRecord implements Entry {
	readonly arrival: Arrival;
	readonly #common: Common;
	#state: ArrivalState | undefined;
	#change: Change | null | undefined;

	constructor(arrival: Arrival, common: Common) {
		this.arrival = arrival;
		this.#common = common;
	}

	get lane(): string {
		return this.arrival.item;
	}

	get keyHash(): string {
		return this.arrival.keyHash;
	}

	get state(): ArrivalState {
		this.#state ??= this.arrival.state(this.#common.images);
		return this.#state;
	}

	get change(): Change | null {
		if (this.#change === undefined) this.#change = changeOf(this.state, this.arrival, this.#common);
		return this.#change;
	}
}

function changeOf(state: ArrivalState, arrival: Arrival, { manifest, replay }: Common): Change | null {
	if (state.status !== "ready") return null;
	const { record } = state;
	const { environment, pipeline, table } = manifest;
	const origin = { environment, pipeline, region: record.awsRegion ?? "", keys: table.keys };
	if (replay === null) return makeChange(record, origin, arrival);
	const replayed = replay.newIds ? { ...record, eventID: newEventID(replay, record.eventID) } : record;
	return makeChange(replayed, { ...origin, replayId: replay.replayId }, arrival);
}
