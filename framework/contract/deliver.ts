import type { Change } from "./change.ts";

/** What became of one record at one consumer. `payload` is the text that was sent, for tests and tools; never logged. */
export type Outcome =
	| { status: "delivered"; payload?: string }
	/** Transient: the record's lane stops, the record comes back. `retryAfterMs` is the receiver's wish. */
	| { status: "retry"; reason: string; retryAfterMs?: number }
	/** Permanent: parked at once as a dead letter; later records of the item are parked behind it. */
	| { status: "reject"; reason: string };

/** The part of an AWS SDK v3 client that deliverers use. */
export interface SendingClient {
	// biome-ignore lint/suspicious/noExplicitAny: the SDK's overloads have no common supertype; callers name the client class and get its types.
	send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
}

/** Makes or reuses the client of a class: one per class and configuration in a container. `maxAttempts` 1 = the SDK repeats nothing unseen. */
export type ClientOf = <Client extends SendingClient>(
	// biome-ignore lint/suspicious/noExplicitAny: each client class has a configuration type of its own.
	type: new (configuration: any) => Client,
	configuration?: { endpoint?: string; maxAttempts?: number },
) => Client;

/** What a deliverer is given beside its records. Nothing else reaches the outside, so that tests can stand in for all of it. */
export interface DeliverContext<Settings> {
	readonly settings: Settings;
	readonly environment: string;
	readonly pipeline: string;
	readonly consumer: string;
	readonly client: ClientOf;
	readonly fetch: typeof fetch;
	/** Reads a secret by its reference (`secretsmanager:name` or `ssm:/path`); kept for five minutes. Throws if it cannot be read. */
	readonly secret: (reference: string) => Promise<string>;
	/** Epoch milliseconds, from the injected clock. */
	readonly now: () => number;
	/** Aborts when the invocation must end. */
	readonly signal: AbortSignal;
}

/** Limits of one call of `deliver`. */
export interface CallLimits {
	/** Records in one call; 1 = each record travels alone. `Infinity` = all that there are. */
	maxRecords: number;
}

/** Images of a record that are looked into for a consumer: what is wrong in another keeps nothing from it. */
export type Images = "new" | "both";

/**
 * The runtime side of a kind. `deliver` answers one outcome per record, in the order given.
 * Records of one item come in order; after the first `retry` or `reject` of an item it must not deliver a later record of that item.
 * What it throws counts as `retry` of the whole call. It keeps no state between calls: containers come and go.
 */
export interface Deliverer<Settings> {
	limits(settings: Settings): CallLimits;
	/** What it sends is made of these images; of both, unless it says so. */
	images?(settings: Settings): Images;
	deliver(changes: readonly Change[], context: DeliverContext<Settings>): Promise<Outcome[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds kinds of different settings; each checked its own.
export type AnyDeliverer = Deliverer<any>;
