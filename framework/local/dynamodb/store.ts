import { mkdirSync } from "node:fs";
import { create, type Item, type KeyedStore, type Store, type TableRow } from "dynalite/db/index.js";
import { EngineError } from "../engine-error.ts";

export type { Callback, Item, KeyedStore, Store, TableRow } from "dynalite/db/index.js";

export interface StoreOptions {
	/** null = in memory. */
	dataDir: string | null;
	region: string;
	accountId: string;
}

/** Keys of our rows. dynalite's own begin with `table~`, `item-`, `index-` and `tag-`; no table name holds a `~`. */
export const rowKeys = {
	table: (name: string) => `table~${name}`,
	item: (table: string, key: string) => `item-${table}~${key}`,
	index: (type: string, table: string, index: string, key: string) =>
		`index-${type.toLowerCase()}~${table}~${index}~${key}`,
	settings: (table: string) => `settings~${table}`,
	stream: (table: string, label: string) => `stream~${table}~${label}`,
	token: (token: string) => `token~${token}`,
} as const;

/** Opens the database of tables, in memory or on disk. dynalite's server is not used: nothing listens, requests come as calls. */
export async function openStore({ dataDir, region, accountId }: StoreOptions): Promise<Store> {
	if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
	const store = create({
		...(dataDir !== null && { path: dataDir }),
		createTableMs: 0,
		updateTableMs: 0,
		deleteTableMs: 0,
	});
	Object.assign(store.tableDb, { awsRegion: region, awsAccountId: accountId });
	await store.db.open().catch((error: Error) => {
		const { message } = (error.cause ?? error) as Error;
		throw new EngineError(`The tables in ${dataDir} cannot be opened: ${message.replace(/\.?$/, ".")}`);
	});
	return store;
}

/** Rows whose key begins so. */
export async function* readRows<Value>(store: Store, prefix: string): AsyncGenerator<[rest: string, value: Value]> {
	for await (const [key, value] of store.db.iterator({ gte: prefix, lt: `${prefix}\uffff` }))
		yield [key.slice(prefix.length), value as Value];
}

/** An item as it is now. Only a holder of its lock may rely on it. */
export function readItem(store: Store, table: string, key: string): Item | undefined {
	return store.db.getSync(rowKeys.item(table, key)) as Item | undefined;
}

/** The row of a table, or null. */
export async function findTable(store: Store, name: string): Promise<TableRow | null> {
	return ((await store.db.get(rowKeys.table(name))) as TableRow | undefined) ?? null;
}

/** The same store, with some of what it does for the items of a table done otherwise. */
export function overlayItems(
	store: Store,
	overlay: (items: KeyedStore<Item>, table: string) => Partial<KeyedStore<Item>>,
): Store {
	return {
		...store,
		getItemDb(table) {
			const items = store.getItemDb(table);
			return Object.assign(Object.create(items) as KeyedStore<Item>, overlay(items, table));
		},
	};
}
