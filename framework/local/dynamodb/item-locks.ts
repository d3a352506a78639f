import type { Store } from "./store.ts";

interface ItemName {
	table: string;
	/** null = no item. */
	key: string | null;
}

/** Runs while no other write touches the items. Locks are taken in one order everywhere, so that two transactions never wait for each other. */
export async function holdItems<Answer>(
	store: Store,
	items: readonly ItemName[],
	run: () => Promise<Answer>,
): Promise<Answer> {
	const releases: (() => void)[] = [];
	try {
		for (const { table, key } of items.toSorted(compareNames))
			if (key !== null) releases.push(await hold(store, table, key));
		return await run();
	} finally {
		for (const release of releases) release();
	}
}

function hold(store: Store, table: string, key: string): Promise<() => void> {
	return new Promise((resolve) => store.getItemDb(table).lock(key, (release) => resolve(release(() => {}))));
}

function compareNames(a: ItemName, b: ItemName): number {
	const [left, right] = [`${a.table}~${a.key}`, `${b.table}~${b.key}`];
	return left < right ? -1 : left > right ? 1 : 0;
}
