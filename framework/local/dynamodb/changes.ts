import type { Commits, Write } from "./commits.ts";
import { overlayItems, readItem, rowKeys, type Store } from "./store.ts";
import type { Change, UserIdentity } from "./stream-record.ts";
import type { Streams } from "./streams.ts";

export interface Changes {
	/** Writes items and the records of it, all or nothing. The caller holds the locks of the items. */
	commit(changes: readonly Change[], writes?: readonly Write[]): Promise<void>;
}

/** @param onChange told of each item that was written */
export function recordChanges(commits: Commits, streams: Streams, onChange: (change: Change) => void): Changes {
	return {
		async commit(changes, writes = []) {
			const records = changes.map(streams.append).filter((record) => record !== null);
			await commits.write([...changes.map(itemWrite), ...writes, ...records.flatMap((record) => record.writes)], () => {
				for (const record of records) record.committed();
				for (const change of changes) onChange(change);
			});
		},
	};
}

/**
 * The store with its writes of items recorded: dynalite's actions put or delete an item last, while they hold its lock.
 * Item and record go to disk in one batch, so that a crash leaves both or none.
 *
 * @param by the service that writes, if it is not a client
 */
export function captureChanges(store: Store, changes: Changes, by?: UserIdentity): Store {
	return overlayItems(store, (_, table) => {
		const write = (key: string, after: Change["after"], done: (error: Error | null) => void): void => {
			const change = { table, key, before: readItem(store, table, key), after, ...(by && { by }) };
			changes.commit([change]).then(() => done(null), done);
		};
		return {
			put: (key, item, done) => write(key, item, done),
			del: (key, done) => write(key, undefined, done),
		};
	});
}

function itemWrite({ table, key, after }: Change): Write {
	const row = rowKeys.item(table, key);
	return after
		? { type: "put", key: row, value: JSON.stringify(after), valueEncoding: "utf8" }
		: { type: "del", key: row };
}
