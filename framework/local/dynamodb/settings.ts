import type { Write } from "./commits.ts";
import { readRows, rowKeys, type Store } from "./store.ts";

/** What a table is told beside its description. */
export interface TableSettings {
	/** The TTL attribute; null = off. */
	ttl: string | null;
	/** Days that point-in-time recovery reaches back; 0 = off. */
	recoveryDays: number;
}

const NONE: TableSettings = { ttl: null, recoveryDays: 0 };

export interface Settings {
	of(table: string): TableSettings;
	/** Tables that were told anything. */
	tables(): string[];
	/** Changes them at once; the answer is to be written. */
	change(table: string, settings: Partial<TableSettings>): Write;
	drop(table: string): Write;
}

export async function openSettings(store: Store): Promise<Settings> {
	const byTable = new Map<string, TableSettings>();
	for await (const [table, row] of readRows<TableSettings>(store, rowKeys.settings(""))) byTable.set(table, row);
	const of = (table: string): TableSettings => byTable.get(table) ?? NONE;
	return {
		of,
		tables: () => [...byTable.keys()],
		change(table, settings) {
			const value = { ...of(table), ...settings };
			byTable.set(table, value);
			return { type: "put", key: rowKeys.settings(table), value };
		},
		drop(table) {
			byTable.delete(table);
			return { type: "del", key: rowKeys.settings(table) };
		},
	};
}
