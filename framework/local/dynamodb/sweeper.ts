import { AwsError } from "../aws-json.ts";
import type { Clock } from "../clock.ts";
import { type Changes, captureChanges } from "./changes.ts";
import { act } from "./dynalite-operations.ts";
import { collectExpiries, type Expiry, expiryOf } from "./expiries.ts";
import type { Settings } from "./settings.ts";
import { findTable, type Item, readItem, readRows, rowKeys, type Store } from "./store.ts";
import type { Change, UserIdentity } from "./stream-record.ts";

/** Whom a record of a TTL delete names (DynamoDB developer guide, "DynamoDB Streams and Time to Live"). */
const TTL_IDENTITY: UserIdentity = { type: "Service", principalId: "dynamodb.amazonaws.com" };

/** TTL leaves items alone that expired more than five years ago. */
const OLDEST_SECONDS = 5 * 365 * 24 * 60 * 60;

/** Timers of the system end at 2^31 milliseconds. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

export interface Sweeper {
	/** To be called with every change of an item. */
	onChange(change: Change): void;
	/** Takes in the items that a table has already. */
	adopt(table: string): Promise<void>;
	/** Starts no more deletes; resolves when those in hand are done. */
	close(): Promise<void>;
}

export interface SweeperOptions {
	store: Store;
	clock: Clock;
	settings: Settings;
	changes(): Changes;
}

/** Deletes items as they expire. AWS takes up to some days; here it is the second after. */
export function startSweeper({ store, clock, settings, changes }: SweeperOptions): Sweeper {
	const expiries = collectExpiries();
	let timer: { second: number; cancel(): void } | null = null;
	let sweeping = Promise.resolve();
	let closed = false;

	const wakeAt = (second: number): void => {
		if (closed || (timer && timer.second <= second)) return;
		timer?.cancel();
		const wait = Math.min(Math.max(second * 1000 - clock.now(), 0), LONGEST_WAIT_MS);
		timer = { second, cancel: clock.after(wait, wake) };
	};
	const wake = (): void => {
		timer = null;
		sweeping = sweeping.then(sweep);
	};
	const sweep = async (): Promise<void> => {
		const now = Math.floor(clock.now() / 1000);
		const due = expiries.take(now).filter(({ value }) => Number(value) >= now - OLDEST_SECONDS);
		await Promise.all(due.map(expire));
		const next = expiries.next();
		if (next !== null) wakeAt(Math.max(next, now + 1));
	};
	const expire = async (expiry: Expiry): Promise<void> => {
		if (closed || settings.of(expiry.table).ttl !== expiry.attribute) return;
		try {
			await deleteExpired(captureChanges(store, changes(), TTL_IDENTITY), expiry);
		} catch (error) {
			// A refusal: the item was changed meanwhile, or its table is gone. Anything else is tried again.
			if (!(error instanceof AwsError)) expiries.add(expiry);
		}
	};
	const add = (expiry: Expiry | null): void => {
		if (expiry) wakeAt(expiries.add(expiry));
	};
	return {
		onChange({ table, key, before, after }) {
			const attribute = settings.of(table).ttl;
			if (attribute === null) return;
			const old = expiryOf(table, attribute, key, before);
			if (old) expiries.remove(old);
			add(expiryOf(table, attribute, key, after));
		},
		async adopt(table) {
			const attribute = settings.of(table).ttl;
			if (attribute === null) return;
			for await (const [key, item] of readRows<Item>(store, rowKeys.item(table, "")))
				add(expiryOf(table, attribute, key, item));
		},
		async close() {
			closed = true;
			timer?.cancel();
			await sweeping;
		},
	};
}

/** Only if it still expires as it did: a client may have written it since. */
async function deleteExpired(store: Store, { table, attribute, value, key }: Expiry): Promise<void> {
	const item = readItem(store, table, key) ?? {};
	const names = (await findTable(store, table))?.KeySchema.map(({ AttributeName }) => AttributeName) ?? [];
	await act(store, "DeleteItem", {
		TableName: table,
		Key: Object.fromEntries(names.map((name) => [name, item[name]])),
		Expected: { [attribute]: { Value: { N: value } } },
	});
}
