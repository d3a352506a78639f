import { actToEnd } from "./act-to-end.ts";
import type { Context } from "./context.ts";
import { readRows, rowKeys, type TableRow } from "./store.ts";

/**
 * Ends what a run that was killed left half done: dynalite ends creating, changing and deleting a table in a later turn, and a
 * stream is written before the table that it belongs to.
 */
export async function recover(context: Context): Promise<void> {
	const { store, commits, streams, settings } = context;
	const tables: TableRow[] = [];
	for await (const [, table] of readRows<TableRow>(store, rowKeys.table(""))) tables.push(table);
	for (const table of tables) await endChange(context, table);

	const alive = tables.filter(({ TableStatus }) => TableStatus !== "DELETING");
	const owned = new Set(alive.map(({ LatestStreamArn }) => LatestStreamArn));
	for (const stream of streams.list())
		if (stream.closedAt === null && !owned.has(stream.arn)) {
			const closed = streams.close(stream);
			await commits.write(closed.writes, closed.committed);
		}
	const names = new Set(alive.map(({ TableName }) => TableName));
	for (const name of settings.tables()) if (!names.has(name)) await commits.write([settings.drop(name)]);
}

async function endChange({ store, commits }: Context, table: TableRow): Promise<void> {
	if (table.TableStatus === "ACTIVE") return;
	if (table.TableStatus === "DELETING") {
		await actToEnd(store, "DeleteTable", { TableName: table.TableName });
		return;
	}
	const indexes = table.GlobalSecondaryIndexes?.map((index) => ({ ...index, IndexStatus: "ACTIVE" }));
	const value = { ...table, TableStatus: "ACTIVE", ...(indexes && { GlobalSecondaryIndexes: indexes }) };
	await commits.write([{ type: "put", key: rowKeys.table(table.TableName), value }]);
}
