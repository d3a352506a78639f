import type { Manifest } from "../contract/manifest.ts";
import type { ReplayEvent } from "../contract/replay.ts";
import { sha256 } from "./arrival.ts";
import type { Dependencies, Invocation } from "./invocation.ts";
import { OwnError } from "./observer.ts";
import { type StateKey, type StateStore, stateName } from "./state.ts";

/** Days for which a replay remembers what it parked, in case it is taken up again. */
const REMEMBERED_SECONDS = 14 * 24 * 3600;

/** The manifest as it is for a replay: for its one consumer. Throws when the function does not deliver to that one. */
export function manifestFor({ consumer }: ReplayEvent, manifest: Manifest): Manifest {
	const consumers = manifest.consumers.filter(({ name }) => name === consumer);
	if (consumers.length === 0)
		throw new OwnError(
			`The function ${manifest.pipeline}/${manifest.function} does not deliver to ${JSON.stringify(consumer)}.`,
		);
	return { ...manifest, consumers };
}

/** The invocation with a memory of the replay's own. */
export function forReplay(invocation: Invocation<Dependencies>, replay: ReplayEvent): Invocation<Dependencies> {
	return { ...invocation, deps: { ...invocation.deps, state: stateFor(replay, invocation.deps.state) } };
}

/** An event's id in a replay that gives new ones: of its own, and the same for each attempt. */
export function newEventID({ replayId }: ReplayEvent, eventID: string): string {
	return sha256(`${replayId} ${eventID}`).slice(0, 32);
}

/**
 * The memory of a replay, apart from that of the stream: neither quarantines, deduplicates or budgets what belongs to the other.
 * What is done is in the answer, so it is not remembered beside deduplication; and nothing stays for ever.
 */
function stateFor({ replayId }: ReplayEvent, state: StateStore): StateStore {
	const own = <Key extends StateKey>(key: Key): Key => ({ ...key, consumer: `${key.consumer}@${replayId}` });
	return {
		async read(keys) {
			const asked = Array.from(keys);
			const rows = await state.read(asked.map(own));
			return new Map(asked.map((key) => [stateName(key), rows.get(stateName(own(key))) ?? {}]));
		},
		quarantine: (key, quarantine) => state.quarantine(own(key), quarantine, REMEMBERED_SECONDS),
		parking: (key, sequence) => state.parking(own(key), sequence, REMEMBERED_SECONDS),
		lift: (key, before, lifetimeSeconds) => state.lift(own(key), before, lifetimeSeconds),
		async progress(key, { failure, before, quarantined }, lifetimeSeconds) {
			if (!failure || quarantined) return;
			await state.progress(own(key), { failure, before, quarantined }, lifetimeSeconds);
		},
		async delivered(keys) {
			const owned = new Map(keys.map((key) => [own(key), key]));
			const found = await state.delivered([...owned.keys()]);
			return new Set(Array.from(owned).flatMap(([mine, key]) => (found.has(mine) ? [key] : [])));
		},
		rememberDelivered: (keys, lifetimeSeconds) => state.rememberDelivered(keys.map(own), lifetimeSeconds),
	};
}
