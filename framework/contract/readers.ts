/**
 * Readers of a shard at once (DynamoDB developer guide, "Change data capture for DynamoDB Streams": two; Lambda developer guide,
 * "Process DynamoDB records with Lambda": one for a global table, whose replication reads as well).
 */
const READERS = { table: 2, globalTable: 1 } as const;

/** How many readers a table's stream has left for its pipeline; below 1, none. */
export function readersLeft(table: { globalTable: boolean; otherReaders: number }): number {
	return (table.globalTable ? READERS.globalTable : READERS.table) - table.otherReaders;
}

/** How many readers of the table's stream a pipeline is: the lake and the router, or the router alone. */
export function readersUsed(pipeline: {
	table: { globalTable: boolean; otherReaders: number };
	fanOut: { mode: "kinesis" | "direct" };
	lake: object | null;
}): number {
	if (pipeline.lake === null) return 1;
	return pipeline.fanOut.mode === "direct" || readersLeft(pipeline.table) > 1 ? 2 : 1;
}
