/** Does some work for each item, so many at a time, begun in their order. Rejects with the first failure; no further work is begun then. */
export async function eachAtOnce<Item>(
	items: readonly Item[],
	most: number,
	work: (item: Item) => Promise<void>,
): Promise<void> {
	const waiting = items.values();
	const next = async (): Promise<void> => {
		for (const item of waiting) await work(item);
	};
	await Promise.all(Array.from({ length: Math.min(most, items.length) }, next));
}

/** Cuts a list into parts of at most so many. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
	return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
		items.slice(index * size, (index + 1) * size),
	);
}
