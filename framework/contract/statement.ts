/** A permission of a function's role, as IAM takes it; the effect is Allow. */
export interface Statement {
	/** Unique in its function; letters and digits (IAM: Sid). */
	sid: string;
	/** `dynamodb:GetRecords`, sorted. */
	actions: string[];
	resources: StatementResource[];
	/** IAM's condition operator -> condition key -> values; empty = unconditional. */
	conditions: Record<string, Record<string, string[]>>;
	/** Which call needs it; with a wildcard resource also why it cannot be narrower. */
	why: string;
}

export type StatementResource =
	/** An ARN with the tokens `${partition}`, `${region}`, `${accountId}`. */
	| string
	/** What only the deployed resource knows, by its id in the pipeline: an enhanced fan-out consumer's ARN. */
	| { resource: string; attribute: "arn" }
	/** A key by its alias, id or ARN. IAM takes none but key ARNs, so it is looked up when deployed. */
	| { kmsKey: string };
