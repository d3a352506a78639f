import type { Answer } from "../invoke.ts";
import type { Lease } from "../lease.ts";
import type { ItemState } from "../quarantine.ts";
import type { Pending, PendingItem } from "./pending.ts";

/** What one item is owed, and how it stands. */
export interface OwedItem extends PendingItem {
	state: ItemState;
}

/**
 * `delivered`, `known` (a late copy of what an earlier redrive was through with) and `skipped` (not selected any more; a letter is
 * put aside) end a record; the others leave it where it is, and its item with it.
 */
export interface RedriveReport {
	keyHash: string;
	eventID: string;
	outcome: "delivered" | "known" | "skipped" | "rejected" | "failed" | "unreadable";
	reason: string | null;
}

export interface RedriveOptions {
	/** Marks the redrive, so that deduplication lets its records through. */
	id: string;
	/** Records a second; null = as fast as the function takes them. */
	rate: number | null;
	signal: AbortSignal;
	lease: Pick<Lease, "renew">;
	/** Attempts at a record that the consumer cannot take for now. */
	attempts: number;
	/** Gives up for now with a call of which the consumer could take nothing: it is down. */
	endsWhenDown: boolean;
	/** Gives the consumer's function an event, once, and waits for its end. */
	deliver(event: string): Promise<Answer>;
	onRecord(report: RedriveReport): void;
	/** How many records it is through with, or leaves where they are. */
	onProgress?(records: number): void;
	/** A record that its item stops at; `attempted` is false where the consumer was not asked. */
	onStuck?(item: OwedItem, stuck: Stuck): Promise<void>;
	/** A record that is through, after its letter is gone. */
	onFinished?(record: Pending): Promise<void>;
}

export interface Stuck {
	sequence: string;
	outcome: "rejected" | "failed" | "unreadable";
	reason: string | null;
	attempted: boolean;
}

export interface RedriveResult {
	delivered: number;
	/** Late copies of what was delivered before, deleted. */
	known: number;
	/** Records that the consumer does not select any more. */
	skipped: number;
	/** Records that stay, those behind a failed one included. */
	left: number;
	/** Items whose quarantine was lifted. */
	lifted: number;
	/** Items that stay in one although nothing of them is left: a record is on its way. */
	waiting: number;
}
