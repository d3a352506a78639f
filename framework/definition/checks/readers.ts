import { readersLeft, readersUsed } from "../../contract/readers.ts";
import type { Check } from "./check.ts";

/** What only the owner of a table decides. */
const OWNERS = ["billing", "pointInTimeRecoveryDays", "deletionProtection", "tableClass"] as const;

export const checkAdopted: Check = ({ definition, isOwn }) => {
	const { existing } = definition.table;
	if (existing === null) return [];
	return OWNERS.filter((key) => isOwn("table", key)).map((key) => ({
		code: "table-not-owned",
		path: ["table", key],
		at: "key",
		detail: `The table "${existing}" is adopted: it is looked up and never changed, so nothing would set its \`${key}\`.`,
		help: `Remove \`${key}\`, or move it to the environments whose table the pipeline owns.`,
	}));
};

const END_ANOTHER =
	"End another reader and lower `otherReaders`. A Lambda function among them can go on as a consumer of the kind `lambda`, which gives it the records as the stream does.";
const SAVE_ONE =
	"Choose `fanOut: kinesis`, where the lake reads the Kinesis stream, or leave the lake out with `lake: { enabled: false }`.";

/** Two functions read a stream, or one; who stands in their way is named before anything is made. */
export const checkReaders: Check = ({ definition }) => {
	const { table } = definition;
	const left = readersLeft(table);
	if (left >= readersUsed(definition)) return [];
	const takes = table.globalTable
		? "The stream of a global table takes one reader"
		: "A table's stream takes two readers";
	const taken = table.otherReaders === 0 ? "" : `, of which \`otherReaders\` counts ${table.otherReaders} already`;
	const lack =
		left > 0 ? "One is left, and a direct fan-out with a lake needs two." : "None is left for this pipeline.";
	return [
		{
			code: "stream-readers",
			path: ["table", table.otherReaders > 0 ? "otherReaders" : "globalTable"],
			at: "value",
			detail: `${takes}${taken}. ${lack}`,
			help: left > 0 ? SAVE_ONE : END_ANOTHER,
		},
	];
};
