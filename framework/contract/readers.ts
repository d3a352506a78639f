/**
 * Readers of a shard at once (DynamoDB developer guide, "Change data capture for DynamoDB Streams": two; Lambda developer guide,
 * "Process DynamoDB records with Lambda": one for a global table, whose replication reads as well).
 */
const READERS = { table: 2, globalTable: 1 } as const;

/** How many readers a table's stream has left for its pipeline; below 1, none. */
export function readersLeft(table: { globalTable: boolean; otherReaders: number }): number {
	return (table.globalTable ? READERS.globalTable : READERS.table) - table.otherReaders;
}
