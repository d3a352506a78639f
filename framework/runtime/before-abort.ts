import { OwnError } from "./observer.ts";

/**
 * The work's result, or a rejection in these words once the signal aborts: whoever does not heed it must not cost the invocation its answer.
 * Whoever does may have something to say: `patience`, if any, is waited for first.
 */
export function beforeAbort<T>(
	work: Promise<T>,
	signal: AbortSignal,
	words: string,
	patience?: () => Promise<void>,
): Promise<T> {
	return new Promise((resolve, reject) => {
		const end = (): void => reject(new OwnError(words));
		const abort = (): void => {
			if (patience) void patience().then(end, end);
			else end();
		};
		if (signal.aborted) abort();
		signal.addEventListener("abort", abort, { once: true });
		work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}
