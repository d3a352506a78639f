import type { Delivery } from "../../runtime/observer.ts";

/** One record taken by a consumer's receiver. */
export interface Receipt {
	consumer: string;
	truth: number;
	at: number;
	invocation: InvocationFact;
	/** The receiver's answer reached the function. */
	confirmed: boolean;
	/** What a receiver would know a repeat by: a webhook's id, an object's key; null when the kind has none. */
	requestKey: string | null;
	/** All records of the request, in its order. */
	together: string;
}

export interface InvocationFact {
	id: number;
	function: string;
	/** Of the function, from 0. */
	index: number;
	/** Whom its manifest told it to deliver to. */
	consumers: string[];
	container: number;
	/** Id of the redrive or replay that sent it: it is for one of the consumers, and answers for each record. Null for a stream's. */
	replay: string | null;
	/** The container had served before. */
	reused: boolean;
	/** Truths of the batch's records, in its order. */
	truths: number[];
	/** What a batch response would call them. */
	identifiers: string[];
	startedAt: number;
	endedAt: number | null;
	outcome: "answered" | "failed" | "timed out" | null;
	/** The answer, or the error. */
	response: unknown;
	/** Its answer reached the mapping that asked for it. */
	heard: boolean;
	/** Another was given the same batch at once. */
	twin: boolean;
	calls: number;
	reports: Delivery[];
	/** What it wrote as metrics: sums by consumer and metric. */
	metrics: Map<string, Record<string, number>>;
	troubles: string[];
}

export interface Letter {
	consumer: string;
	truth: number | null;
	eventID: string;
	reason: string;
	at: number;
	text: string;
	/** An operator took it away. */
	gone: boolean;
	/** Its record waits in the item's order; that of a replay concerns nothing else. */
	live: boolean;
}

/** A redrive or a replay. */
export interface Operation {
	id: string;
	consumer: string;
	/** It came to its end by itself. */
	ended: boolean;
	/** What a replay sent; a redrive finds out itself. */
	truths: number[];
	/** What a replay's consumer took, in its order. */
	taken: number[];
}

export interface LakeObject {
	text: string;
	truths: (number | null)[];
}

/** A breach of a promise, as soon as it is seen. */
export interface Violation {
	invariant: Invariant;
	text: string;
}

export const INVARIANTS = ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8"] as const;
export type Invariant = (typeof INVARIANTS)[number];

/** What the outside saw. */
export interface Facts {
	invocations: InvocationFact[];
	receipts: Receipt[];
	/** Those of replays: nobody promises an order between them and the others. */
	replayed: Receipt[];
	/** By key of their object, those too that are gone. */
	letters: Map<string, Letter>;
	lake: Map<string, LakeObject>;
	claimChecks: Map<string, string>;
	/** What operators ran, in the order of their beginning. */
	operations: Operation[];
	/** Copies in the fan-out's stream, by truth. */
	copies: Map<number, number>;
	/** By function, the truths that its mapping gave up and dumped, or lost because the dump failed too. */
	dumped: Map<string, Set<number>>;
	dropped: Map<string, Set<number>>;
	/** By function, the truths that its mapping's filter kept from it. */
	filtered: Map<string, Set<number>>;
	/** Truths that a fault struck, by its place in the scenario. */
	touched: Map<number, Set<number>>;
	/** Functions whose calls a fault struck, by its place in the scenario. */
	struck: Map<number, Set<string>>;
	/** Truths that were judged, by invariant. */
	judged: Map<Invariant, Set<number>>;
	violations: Violation[];
}

export function createFacts(): Facts {
	return {
		invocations: [],
		receipts: [],
		replayed: [],
		letters: new Map(),
		lake: new Map(),
		claimChecks: new Map(),
		operations: [],
		copies: new Map(),
		dumped: new Map(),
		dropped: new Map(),
		filtered: new Map(),
		touched: new Map(),
		struck: new Map(),
		judged: new Map(),
		violations: [],
	};
}

/** Adds members to the set that a map holds for a key. */
export function addTo<Key, Member>(map: Map<Key, Set<Member>>, key: Key, members: Iterable<Member>): void {
	const set = map.get(key) ?? new Set();
	for (const member of members) set.add(member);
	map.set(key, set);
}

/** Whether it is of a replay of the lake. What a redrive sends stands in its item's order, as a stream's does. */
export function isReplay({ replay }: InvocationFact): boolean {
	return replay?.startsWith("replay") ?? false;
}

/** Whether nothing went wrong with an invocation that would have its records come again although they are done. */
export function isClean({ outcome, heard, twin, troubles }: InvocationFact): boolean {
	return outcome === "answered" && heard && !twin && troubles.length === 0;
}
