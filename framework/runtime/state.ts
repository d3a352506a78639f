/** One item at one consumer. */
export interface StateKey {
	consumer: string;
	keyHash: string;
}

/** A record that a consumer could not take for now. */
export interface Failure {
	eventID: string;
	/** Epoch milliseconds. */
	firstFailedAt: number;
	attempts: number;
	/** Epoch milliseconds before which the receiver wishes not to be asked again; 0 = none. */
	notBefore: number;
}

/** A record that was given up; all later ones of the item are parked behind it until it is redriven. */
export interface Quarantine {
	eventID: string;
	reason: string;
	/** Epoch milliseconds. */
	firstFailedAt: number;
	attempts: number;
}

/** What is remembered of an item at a consumer. Only trouble leaves anything. */
export interface KeyState {
	failure?: Failure;
	quarantine?: Quarantine;
	/** `sequence` of the last record that is done although the checkpoint lies before it. */
	deliveredThrough?: string;
}

/** What an invocation found out about an item. A quarantine is never overwritten by it, `deliveredThrough` never goes back. */
export interface Progress {
	failure?: Failure;
	deliveredThrough?: string;
	/** The item is in quarantine: what is written must stay as long as that. */
	quarantined: boolean;
}

/** Memory across invocations and containers. Every method rejects when the store does not answer; then nothing may be acknowledged. */
export interface StateStore {
	/** Strongly consistent; by `stateName`. Cheap while nothing is wrong. */
	read(keys: readonly StateKey[]): Promise<ReadonlyMap<string, KeyState>>;
	/** Keeps the first quarantine of an item. */
	quarantine(key: StateKey, quarantine: Quarantine): Promise<void>;
	/** `lifetimeSeconds`: how long it is worth keeping. */
	progress(key: StateKey, progress: Progress, lifetimeSeconds: number): Promise<void>;
}

export const stateName = ({ consumer, keyHash }: StateKey): string => `${consumer}/${keyHash}`;
