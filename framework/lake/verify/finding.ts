export type FindingCode =
	/** The object cannot be read to its end. */
	| "broken"
	/** Something else than a lake function wrote it. */
	| "stranger"
	/** The name says another count, first sequence number or content. */
	| "name"
	/** A record lies in an hour that is not its own. */
	| "partition"
	/** One object holds a record twice. */
	| "repeat"
	/** An item's old image is not the new image of the change before it. */
	| "chain"
	/** A witness knows a record that the lake does not hold. */
	| "missing"
	/** The lake holds a record that a witness of its time does not know. */
	| "unknown"
	/** Metrics by which a loss shows say that there may be one. */
	| "loss";

/** Something that is wrong with a lake. `line` counts from 1; null = the whole object. */
export interface Finding {
	code: FindingCode;
	key: string | null;
	line: number | null;
	detail: string;
}
