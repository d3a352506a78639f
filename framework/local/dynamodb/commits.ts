import type { Store } from "./store.ts";

export type Write =
	| { type: "put"; key: string; value: unknown }
	/** Text that is stored as it is. */
	| { type: "put"; key: string; value: string; valueEncoding: "utf8" }
	| { type: "del"; key: string };

export interface Commits {
	/** Writes all or nothing. `committed` is called when it is on disk, in the order of the calls, before the answer. */
	write(writes: Write[], committed?: () => void): Promise<void>;
	/** Resolves when nothing waits to be written. */
	settled(): Promise<void>;
}

interface Commit {
	writes: Write[];
	committed: (() => void) | undefined;
	resolve(): void;
	reject(error: unknown): void;
}

/**
 * One batch at a time; what comes meanwhile goes into the next one together. So records become visible in the order of their
 * sequence numbers: with batches side by side a later number could be readable before an earlier one, and a reader would skip that.
 */
export function queueCommits(store: Store): Commits {
	let waiting: Commit[] = [];
	let running: Promise<void> | null = null;

	const drain = async (): Promise<void> => {
		while (waiting.length > 0) {
			const batch = waiting;
			waiting = [];
			try {
				await store.db.batch(batch.flatMap(({ writes }) => writes));
			} catch (error) {
				for (const commit of batch) commit.reject(error);
				continue;
			}
			for (const { committed, resolve } of batch) {
				committed?.();
				resolve();
			}
		}
		running = null;
	};
	return {
		write: (writes, committed) =>
			new Promise((resolve, reject) => {
				waiting.push({ writes, committed, resolve, reject });
				running ??= drain();
			}),
		settled: async () => {
			await running;
		},
	};
}
