/** Lets invocations through, or holds them while a mapping is disabled. */
export interface Gate {
	/** Runs when the gate is open. */
	pass<T>(work: () => Promise<T>): Promise<T>;
	/** Holds what comes from now on; resolves when nothing that went through before is running any more. */
	close(): Promise<void>;
	open(): void;
	isOpen(): boolean;
}

export function createGate(): Gate {
	let running = 0;
	let held: (() => void)[] | null = null;
	const onQuiet: (() => void)[] = [];
	return {
		async pass(work) {
			while (held) {
				const waiting = held;
				await new Promise<void>((resolve) => waiting.push(resolve));
			}
			running += 1;
			try {
				return await work();
			} finally {
				running -= 1;
				if (running === 0) for (const tell of onQuiet.splice(0)) tell();
			}
		},
		async close() {
			held ??= [];
			if (running > 0) await new Promise<void>((resolve) => onQuiet.push(resolve));
		},
		open() {
			const waiting = held ?? [];
			held = null;
			for (const release of waiting) release();
		},
		isOpen: () => held === null,
	};
}
