import type { GetTableResult } from "@pulumi/aws/dynamodb/getTable.js";
import { readersLeft } from "../contract/readers.ts";
import type { PathDiagnostic } from "../diagnostics/diagnostic.ts";
import type { AdoptedTable as PlannedTable } from "../plan/types.ts";

/** What is found of a table that a definition adopts; the rest of GetTableResult does not matter. */
export type FoundTable = Pick<
	GetTableResult,
	| "arn"
	| "attributes"
	| "hashKey"
	| "onDemandThroughputs"
	| "rangeKey"
	| "replicas"
	| "serverSideEncryption"
	| "streamArn"
	| "streamEnabled"
	| "streamViewType"
	| "ttl"
>;

/** A problem, and where the definition says otherwise: a path below `table`. */
export type TableProblem = Omit<PathDiagnostic, "path"> & { key: string };

/** What is not as the definition has it. `ownReaders` are the pipeline's functions that read the table's stream. */
export function checkAdoptedTable(
	name: string,
	planned: PlannedTable,
	found: FoundTable | null,
	ownReaders: number,
): TableProblem[] {
	if (found === null)
		return [
			{
				code: "adopted-table-missing",
				key: "existing",
				at: "value",
				detail: `There is no table "${name}" in this account and region.`,
				help: "Write the table's own name, look at the stack's account and region, or leave `existing` out: the pipeline then makes a table.",
			},
		];
	return [
		...checkStream(name, planned, found),
		...checkKeys(name, planned, found),
		...checkTtl(name, planned, found),
		...checkReaders(name, planned, found, ownReaders),
	];
}

function checkStream(name: string, { viewType }: PlannedTable, found: FoundTable): TableProblem[] {
	const turnOn = `aws dynamodb update-table --table-name ${name} --stream-specification StreamEnabled=true,StreamViewType=${viewType}`;
	if (!found.streamEnabled || !found.streamArn)
		return [
			{
				code: "adopted-table-stream",
				key: "existing",
				at: "value",
				detail: `The table "${name}" has no stream that is on: nothing tells its changes.`,
				help: `Turn it on, or have its owner do so:\n  ${turnOn}`,
			},
		];
	if (found.streamViewType === viewType) return [];
	return [
		differs(
			"viewType",
			`The stream of "${name}" shows ${found.streamViewType}, the definition asks for ${viewType}.`,
			`Write \`viewType: ${found.streamViewType}\`. To change the table's instead, turn its stream off and on: it is another stream then, and every reader of the old one must move.`,
		),
	];
}

function checkKeys(name: string, { keys }: PlannedTable, found: FoundTable): TableProblem[] {
	const typeOf = (key: string) => found.attributes.find((attribute) => attribute.name === key)?.type ?? "?";
	const describe = (names: readonly string[], type: (key: string) => string) =>
		names.map((key) => `${key} (${type(key)})`).join(", ");
	const declared = keys.sort === null ? [keys.partition] : [keys.partition, keys.sort];
	const has = describe([found.hashKey, found.rangeKey].filter(Boolean), typeOf);
	const asks = declared.map((key) => `${key.name} (${key.type})`).join(", ");
	if (has === asks) return [];
	return [
		differs("keys", `The table "${name}" has the keys ${has}, the definition ${asks}.`, "Write the table's own keys."),
	];
}

/** The attribute that TTL takes; null = off. */
export const ttlOf = ({ ttl }: FoundTable): string | null => (ttl?.enabled ? ttl.attributeName : null);

/** Works all the same, but nothing will ever be told as expired. */
function checkTtl(name: string, { ttl }: PlannedTable, found: FoundTable): TableProblem[] {
	const actual = ttlOf(found);
	if (ttl === null || ttl === actual) return [];
	const detail = `The table "${name}" ${actual === null ? "deletes nothing by TTL" : `takes its TTL from ${actual}`}, the definition says ${ttl}.`;
	const help = actual === null ? "Turn TTL on there, or leave `ttl` out." : `Write \`ttl: ${actual}\`.`;
	return [{ code: "adopted-table-ttl", key: "ttl", at: "value", detail, help }];
}

function checkReaders(
	name: string,
	{ otherReaders }: PlannedTable,
	found: FoundTable,
	ownReaders: number,
): TableProblem[] {
	const globalTable = found.replicas.length > 0;
	if (ownReaders <= readersLeft({ globalTable, otherReaders })) return [];
	const what = globalTable
		? "has replicas, whose replication reads its stream too: it takes one reader more"
		: "takes two readers of its stream";
	return [
		{
			code: "adopted-table-readers",
			key: "existing",
			at: "value",
			detail: `"${name}" ${what}. There would be ${ownReaders + otherReaders}: ${ownReaders} of this pipeline, ${otherReaders} of others.`,
			help: globalTable
				? "Write `globalTable: true` under `table`: the lake then reads the Kinesis stream, and the pipeline is one reader."
				: "Count the others in `otherReaders`; the pipeline is content with what is left.",
		},
	];
}

function differs(key: string, detail: string, help: string): TableProblem {
	return { code: "adopted-table-differs", key, at: "value", detail, help };
}
