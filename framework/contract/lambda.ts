/** The part of Lambda's context that the handler uses. */
export interface LambdaContext {
	awsRequestId: string;
	/** Milliseconds until Lambda ends the invocation. */
	getRemainingTimeInMillis(): number;
}

/**
 * Answer of a function with ReportBatchItemFailures. The lowest sequence number is the checkpoint: it and all after it come back.
 * An empty identifier stands for the whole batch.
 */
export interface BatchResponse {
	batchItemFailures: { itemIdentifier: string }[];
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<BatchResponse>;
