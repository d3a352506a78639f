/** What came of one invocation, as an event source mapping sees it. */
export type Invocation =
	| { requestId: string; status: "answered"; response: unknown }
	/** The function threw, timed out or died: Lambda's `functionError`. */
	| { requestId: string; status: "failed"; error: string };

/** Something that takes Lambda events: a bundle in worker threads, or a plain handler. */
export interface LocalFunction {
	/** The event as JSON text, parsed on the other side as Lambda does. Never rejects. */
	invoke(event: string): Promise<Invocation>;
	close(): Promise<void>;
}
