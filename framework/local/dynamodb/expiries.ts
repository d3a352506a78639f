import type { Item } from "../../contract/dynamodb.ts";

/** An item to be deleted if its TTL attribute still has this value. */
export interface Expiry {
	table: string;
	attribute: string;
	/** Epoch seconds, as the item has them. */
	value: string;
	/** The item's key in the database. */
	key: string;
}

/** Expiries by the second from which they are due. */
export interface Expiries {
	/** The answer is the second from which the item is due. */
	add(expiry: Expiry): number;
	remove(expiry: Expiry): void;
	/** Takes out what is due at a second. */
	take(second: number): Expiry[];
	/** The first second that has any. */
	next(): number | null;
}

/** When an item expires by its table's TTL attribute: only a number at the top level counts (DynamoDB developer guide, "Time to Live"). */
export function expiryOf(table: string, attribute: string, key: string, item: Item | undefined): Expiry | null {
	const value = item?.[attribute];
	return value && "N" in value ? { table, attribute, value: value.N, key } : null;
}

export function collectExpiries(): Expiries {
	const seconds = new Map<number, Map<string, Expiry>>();
	const idOf = ({ table, key }: Expiry): string => `${table}~${key}`;
	return {
		add(expiry) {
			const second = dueSecond(expiry);
			const due = seconds.get(second) ?? new Map<string, Expiry>();
			seconds.set(second, due.set(idOf(expiry), expiry));
			return second;
		},
		remove(expiry) {
			const second = dueSecond(expiry);
			const due = seconds.get(second);
			due?.delete(idOf(expiry));
			if (due?.size === 0) seconds.delete(second);
		},
		take(second) {
			const due = [...seconds].filter(([each]) => each <= second);
			for (const [each] of due) seconds.delete(each);
			return due.flatMap(([, expiries]) => [...expiries.values()]);
		},
		next: () => (seconds.size === 0 ? null : [...seconds.keys()].reduce((least, each) => Math.min(least, each))),
	};
}

/** An item expires when its value is less than the current time. */
function dueSecond({ value }: Expiry): number {
	return Math.floor(Number(value)) + 1;
}
