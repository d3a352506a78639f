/** To the thread: one invocation. */
export interface FunctionRequest {
	/** JSON text. */
	event: string;
	requestId: string;
	/** Epoch milliseconds. */
	deadline: number;
}

/** From the thread: the response as JSON text, or what the handler threw. */
export type FunctionAnswer = { response: string } | { error: string };
