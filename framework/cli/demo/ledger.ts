import type { ItemEvent } from "../../contract/condition.ts";

/** One change as its writer knows it. */
export interface Entry {
	event: ItemEvent;
	/** The version the item had after the change; null when the change removed it. */
	version: number | null;
	/** Epoch milliseconds just before the write was sent; null for what TTL did. */
	sentAt: number | null;
}

/** What the producer did, per item and in order: the truth that everything read back is held against. */
export class Ledger {
	readonly #items = new Map<string, Entry[]>();
	#size = 0;

	record(item: string, entry: Entry): void {
		const entries = this.#items.get(item);
		if (entries) entries.push(entry);
		else this.#items.set(item, [entry]);
		this.#size += 1;
	}

	get size(): number {
		return this.#size;
	}

	items(): IterableIterator<[string, readonly Entry[]]> {
		return this.#items.entries();
	}

	of(item: string): readonly Entry[] {
		return this.#items.get(item) ?? [];
	}
}
