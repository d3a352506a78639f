/**
 * Does some work for each item, so many at a time, begun in their order. Rejects with the first failure: no further work is begun then, and what
 * is under way is waited for. Left behind, it would go on whenever the container does, and write down what has long changed.
 */
export async function eachAtOnce<Item>(
	items: readonly Item[],
	most: number,
	work: (item: Item) => Promise<void>,
): Promise<void> {
	const waiting = items.values();
	let failed = false;
	const next = async (): Promise<void> => {
		for (const item of waiting) {
			if (failed) return;
			try {
				await work(item);
			} catch (error) {
				failed = true;
				throw error;
			}
		}
	};
	const workers = Array.from({ length: Math.min(most, items.length) }, next);
	await Promise.allSettled(workers);
	await Promise.all(workers);
}

/** Cuts a list into parts of at most so many. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
	return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
		items.slice(index * size, (index + 1) * size),
	);
}
