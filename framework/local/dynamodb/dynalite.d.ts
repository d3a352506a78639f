/** The parts of dynalite 4.0.0 that are used. They are its internals: package.json pins the version. */
declare module "dynalite/db/index.js" {
	export type Item = import("../../contract/dynamodb.ts").Item;
	export type Callback<Value = unknown> = (error: Error | null, value?: Value) => void;
	/** Ends the lock, then calls `done`. */
	export type Release = <Arguments extends unknown[]>(
		done: (...values: Arguments) => void,
	) => (...values: Arguments) => void;

	export interface KeyedStore<Value> {
		put(key: string, value: Value, done: Callback): void;
		get(key: string, done: Callback<Value>): void;
		del(key: string, done: Callback): void;
		/** One holder at a time for each key. */
		lock(key: string, hold: (release: Release) => void): void;
	}

	export interface TableRow {
		TableName: string;
		TableStatus: string;
		KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
		AttributeDefinitions: { AttributeName: string; AttributeType: "S" | "N" | "B" }[];
		GlobalSecondaryIndexes?: { IndexStatus: string }[];
		[member: string]: unknown;
	}

	/** The database under it all, in key order; values are JSON unless an operation says otherwise. */
	export interface Database {
		open(): Promise<void>;
		close(): Promise<void>;
		get(key: string): Promise<unknown>;
		getSync(key: string, options?: { valueEncoding: "utf8" }): unknown;
		/** All or nothing. */
		batch(writes: readonly object[]): Promise<void>;
		iterator(range: { gte: string; lt: string }): AsyncIterable<[key: string, value: unknown]>;
		iterator(
			range: ({ gte: string } | { gt: string }) & { lt: string; limit: number; valueEncoding: "utf8" },
		): AsyncIterable<[key: string, value: string]>;
		keys(range: { gte: string; lt: string }): AsyncIterable<string>;
	}

	export interface Store {
		db: Database;
		tableDb: KeyedStore<TableRow> & { awsRegion: string; awsAccountId: string };
		getItemDb(table: string): KeyedStore<Item>;
		getIndexDb(type: "Local" | "Global", table: string, index: string): KeyedStore<Item>;
		getTable(name: string, mustBeActive: boolean, done: Callback<TableRow>): void;
	}

	export function create(options: {
		path?: string;
		createTableMs: number;
		updateTableMs: number;
		deleteTableMs: number;
	}): Store;
	/** The text under which an item lies in its table; begins with three hexadecimal digits of the partition key's hash. */
	export function createKey(item: Item, table: TableRow): string;
	export function validateKey(key: Item, table: TableRow): Error | undefined;
	export function validateItem(item: Item, table: TableRow): Error | undefined;
}

declare module "dynalite/validations/index.js" {
	import type { Store } from "dynalite/db/index.js";

	/** Takes out of `data` what the operation does not know, in place. */
	export function checkTypes(data: object, types: object): Record<string, unknown>;
	export function checkValidations(
		data: object,
		types: object,
		custom: ((data: object, store: Store) => string | undefined) | undefined,
		store: Store,
	): void;
}
