import { OwnError } from "./observer.ts";

/** The work's result, or a rejection in these words once the signal aborts: whoever does not heed it must not cost the invocation its answer. */
export function beforeAbort<T>(work: Promise<T>, signal: AbortSignal, words: string): Promise<T> {
	return new Promise((resolve, reject) => {
		const abort = (): void => reject(new OwnError(words));
		if (signal.aborted) abort();
		signal.addEventListener("abort", abort, { once: true });
		work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}
