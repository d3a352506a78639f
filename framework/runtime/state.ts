/** One item at one consumer. */
export interface StateKey {
	consumer: string;
	keyHash: string;
}

/** One record at one consumer. */
export interface DeliveryKey extends StateKey {
	eventID: string;
}

/** A record that a consumer could not take for now. */
export interface Failure {
	eventID: string;
	/** Epoch milliseconds. */
	firstFailedAt: number;
	attempts: number;
	/** Epoch milliseconds before which the receiver wishes not to be asked again; 0 = none. */
	notBefore: number;
	/** Of a consumer's trouble as a whole: epoch milliseconds. */
	lastFailedAt?: number;
}

/** A record that was given up; all later ones of the item are parked behind it until it is redriven. */
export interface Quarantine {
	eventID: string;
	/** Its place in the item's order: what comes before it was done before it was given up. */
	sequence: string;
	reason: string;
	/** Epoch milliseconds. */
	firstFailedAt: number;
	attempts: number;
	/** By the consumer, for good; false when it could not take it within its budget. */
	refused: boolean;
}

/** What is remembered of an item at a consumer. Only trouble leaves anything. */
export interface KeyState {
	failure?: Failure;
	quarantine?: Quarantine;
	/** `sequence` of the last record that was noted to be parked; absent: none was, since the quarantine began. */
	parkedThrough?: string;
	/** `sequence` of the last record that is done although the checkpoint lies before it. */
	deliveredThrough?: string;
}

/** What an invocation found out about an item. Never overwrites a quarantine, and `deliveredThrough` never goes back. */
export interface Progress {
	failure?: Failure;
	deliveredThrough?: string;
	/** What the invocation had read of the item. Where another one has written a failure since, that one stands. */
	before: KeyState;
	/** The item is in quarantine: what is written must stay as long as that. */
	quarantined: boolean;
}

/** Memory across invocations and containers. Every method rejects when the store does not answer; then nothing may be acknowledged. */
export interface StateStore {
	/** Strongly consistent; by `stateName`. Cheap while nothing is wrong: no key is asked for then. May hold more than was asked for. */
	read(keys: Iterable<StateKey>): Promise<ReadonlyMap<string, KeyState>>;
	/** Keeps the first quarantine of an item: for ever, or as long as `lifetimeSeconds`. */
	quarantine(key: StateKey, quarantine: Quarantine, lifetimeSeconds?: number): Promise<void>;
	/**
	 * Notes that a record of an item in quarantine is about to be parked, so that a redrive that does not see its letter yet
	 * does not lift the quarantine. False: it was lifted already. `lifetimeSeconds` as for the quarantine.
	 */
	parking(key: StateKey, sequence: string, lifetimeSeconds?: number): Promise<boolean>;
	/** Ends a quarantine as it was read. False: a record was noted since, or it is gone. `lifetimeSeconds` is for what else is known of the item. */
	lift(key: StateKey, before: KeyState, lifetimeSeconds: number): Promise<boolean>;
	/** `lifetimeSeconds`: how long it is worth keeping. */
	progress(key: StateKey, progress: Progress, lifetimeSeconds: number): Promise<void>;
	/** Those of the keys that were remembered, strongly consistent. */
	delivered<Key extends DeliveryKey>(keys: readonly Key[]): Promise<ReadonlySet<Key>>;
	rememberDelivered(keys: readonly DeliveryKey[], lifetimeSeconds: number): Promise<void>;
}

export const stateName = ({ consumer, keyHash }: StateKey): string => `${consumer}/${keyHash}`;

export const deliveryName = (key: DeliveryKey): string => `${stateName(key)}/${key.eventID}`;
