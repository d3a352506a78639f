export interface Idleness {
	/** To be called whenever something may have come to rest. */
	check(): void;
	/** Resolves once all are at rest, or when the run is told to stop. */
	wait(atRest: () => boolean): Promise<void>;
}

/** Lets callers wait for rest without polling. */
export function watchIdleness(signal?: AbortSignal): Idleness {
	const waiters = new Set<() => void>();
	const check = (): void => {
		for (const waiter of waiters) waiter();
	};
	signal?.addEventListener("abort", check, { once: true });
	return {
		check,
		wait: (atRest) =>
			new Promise((resolve) => {
				const waiter = (): void => {
					if (!atRest() && !signal?.aborted) return;
					waiters.delete(waiter);
					resolve();
				};
				waiters.add(waiter);
				waiter();
			}),
	};
}
