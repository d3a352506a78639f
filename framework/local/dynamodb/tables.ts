import type { ViewType } from "../../contract/dynamodb.ts";
import { AwsError, type JsonInput, type JsonOperations } from "../aws-json.ts";
import { actToEnd } from "./act-to-end.ts";
import type { Write } from "./commits.ts";
import type { Context } from "./context.ts";
import { perform, validate } from "./dynalite-operations.ts";
import { tableIn, validationError } from "./input.ts";
import { findTable, rowKeys, type TableRow } from "./store.ts";
import type { Prepared } from "./streams.ts";
import { describedSettings, describedStream, requestedView } from "./table-description.ts";

/** Creating, changing and deleting tables, with what dynalite leaves out: streams and settings. One at a time. */
export function tableOperations(context: Context): JsonOperations {
	let last: Promise<unknown> = Promise.resolve();
	const inTurn = (operation: (context: Context, input: JsonInput) => Promise<object>) => (input: JsonInput) => {
		const turn = last.then(() => operation(context, input));
		last = turn.catch(() => {});
		return turn;
	};
	return {
		CreateTable: inTurn(createTable),
		UpdateTable: inTurn(updateTable),
		DeleteTable: inTurn(deleteTable),
	};
}

async function createTable({ store, commits, streams }: Context, input: JsonInput): Promise<object> {
	const data = validate(store, "CreateTable", input) as TableRow;
	const view = requestedView(input);
	if (await findTable(store, data.TableName))
		throw new AwsError("ResourceInUseException", `Table already exists: ${data.TableName}`);
	const created = view ? streams.create(data, view) : null;
	if (created) await commits.write(created.writes, created.committed);
	Object.assign(data, { DeletionProtectionEnabled: false }, describedSettings(input));
	if (created) Object.assign(data, describedStream(created.stream));
	const answer = await actToEnd(store, "CreateTable", data);
	if (Array.isArray(input.Tags) && input.Tags.length > 0)
		await perform(store, "TagResource", { ResourceArn: data.TableArn, Tags: input.Tags });
	return answer;
}

/** What dynalite changes of a table itself. */
const CAPACITY_MEMBERS = ["ProvisionedThroughput", "BillingMode", "GlobalSecondaryIndexUpdates"];

async function updateTable(context: Context, input: JsonInput): Promise<object> {
	const { store, commits } = context;
	const { TableName } = await tableIn(store, input);
	const view = requestedView(input);
	checkStreamChange(context, TableName, view);
	checkIndexUpdates(input);
	if (CAPACITY_MEMBERS.some((name) => input[name] !== undefined) || Object.keys(input).length === 1)
		await actToEnd(store, "UpdateTable", validate(store, "UpdateTable", input));
	const { StreamSpecification, ...table } = await tableIn(store, input);
	const changed = view === undefined ? null : changeStream(context, table, view);
	const row = {
		...table,
		// A disabled stream is described by its ARN and label alone.
		...(view === undefined && StreamSpecification !== undefined && { StreamSpecification }),
		...describedSettings(input),
		...changed?.described,
	};
	await commits.write(
		[{ type: "put", key: rowKeys.table(TableName), value: row }, ...(changed?.prepared.writes ?? [])],
		changed?.prepared.committed,
	);
	return { TableDescription: { ...row, TableStatus: "UPDATING" } };
}

function checkStreamChange({ streams }: Context, table: string, view: ViewType | null | undefined): void {
	const current = streams.ofTable(table);
	if (view === null && !current) throw validationError(`Table has no enabled stream: TableName: ${table}`);
	if (view && current) throw validationError(`Table already has an enabled stream: TableName: ${table}`);
}

function changeStream(
	{ streams }: Context,
	table: Pick<TableRow, "TableName" | "KeySchema">,
	view: ViewType | null,
): { prepared: Prepared; described: object } | null {
	const current = streams.ofTable(table.TableName);
	if (view === null) return current && { prepared: streams.close(current), described: {} };
	const created = streams.create(table, view);
	return { prepared: created, described: describedStream(created.stream) };
}

function checkIndexUpdates({ GlobalSecondaryIndexUpdates: updates }: JsonInput): void {
	if (Array.isArray(updates) && updates.some((update) => !update?.Update))
		throw validationError(
			"An index cannot be added to or taken from a table here. Create the table anew with its indexes.",
		);
}

async function deleteTable({ store, commits, streams, settings }: Context, input: JsonInput): Promise<object> {
	const { TableName, DeletionProtectionEnabled } = await tableIn(store, input);
	if (DeletionProtectionEnabled === true)
		throw validationError(
			"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
		);
	const answer = await actToEnd(store, "DeleteTable", { TableName });
	const stream = streams.ofTable(TableName);
	const closed = stream && streams.close(stream);
	const writes: Write[] = [settings.drop(TableName), ...(closed?.writes ?? [])];
	await commits.write(writes, closed?.committed);
	return answer;
}
