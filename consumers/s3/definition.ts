import { OWN_BUCKET, objectsArn } from "../../framework/contract/arns.ts";
import type { CheckContext, ConsumerDefinition, PlanContext } from "../../framework/contract/consumer-definition.ts";
import type { Statement } from "../../framework/contract/statement.ts";
import type { PathDiagnostic } from "../../framework/diagnostics/diagnostic.ts";
import { layColumns } from "./columns.ts";
import schema from "./schema.json" with { type: "json" };
import type { S3Settings } from "./settings.ts";

const EXPORTS = "exports";
const OWN_COLUMNS = ["_event", "_time", "_id"] as const;

export const definition: ConsumerDefinition<S3Settings> = {
	kind: "s3",
	summary: "Writes records as JSON lines to S3, for QuickSight, Athena or another account.",
	description: `One object for the records of a batch that fall in the same hour (UTC, by the record's own time), at
\`<prefix>/dt=YYYY-MM-DD/hour=HH/<first sequence>-<count>-<hash>.jsonl\`.

A batch that is repeated with the same records overwrites its object. A batch cut anew makes objects that overlap, always within
the hour: keep one row for each \`_id\` (content \`item\`), \`id\` (\`event\`) or \`eventID\` (\`record\`).

With \`columns\` the objects hold rows that all have the same columns, and end in \`.json\`, as QuickSight's guide has it.

Any error of S3 is retried.`,
	examples: [
		{
			title: "Flat rows for QuickSight",
			yaml: `name: orders-for-quicksight
kind: s3
with:
  content: item
  columns: { orderId: string, total: number, paid: boolean, lines: string }
  prefix: quicksight/orders`,
		},
		{
			title: "A compressed backup of what TTL deletes",
			yaml: `name: expired
kind: s3
when: { events: [EXPIRE] }
with:
  content: record
  compression: gzip
  bucket: orders-backup`,
		},
	],
	schema,
	needs: (settings) => (settings.content === "item" ? ["new"] : []),
	check: (settings, { itemColumns }) => [...checkKey(settings), ...checkColumns(settings, itemColumns)],
	contribute(settings, context) {
		const named = namedBucket(settings, context);
		const prefix = settings.prefix ?? `${context.pipeline}/${context.consumer}`;
		const bucket = named ?? context.environmentBucket(EXPORTS);
		const { kmsKey, columns, ...rest } = settings;
		const laid = columns && { columns: layColumns(columns, context.itemColumns) };
		return {
			settings: { ...rest, ...laid, bucket, prefix },
			target: `s3://${bucket}/${prefix}/`,
			resources:
				named === undefined ? [{ type: "AWS::S3::Bucket", id: EXPORTS, why: "Objects that consumers write." }] : [],
			secrets: [],
			statements: [
				{
					sid: "PutExports",
					actions: ["s3:PutObject"],
					resources: [objectsArn(bucket, `${prefix}/`)],
					// A bucket that is named may be another account's.
					conditions: named === undefined ? OWN_BUCKET : {},
					why: "Writes the records' objects. They are named by hour and content, so only the consumer's prefix is known.",
				},
				...(named === undefined || kmsKey === undefined ? [] : [encryptStatement(kmsKey)]),
			],
		};
	},
};

function checkKey({ bucket, kmsKey }: S3Settings): PathDiagnostic[] {
	if (kmsKey === undefined || bucket !== undefined) return [];
	return [
		{
			code: "settings-conflict",
			path: ["kmsKey"],
			at: "key",
			detail:
				"Without `bucket`, objects go to the environment's own bucket for exports, which no key of yours encrypts.",
			help: "Name the bucket that this key encrypts, or remove `kmsKey`.",
		},
	];
}

function checkColumns({ content, columns }: S3Settings, itemColumns: CheckContext["itemColumns"]): PathDiagnostic[] {
	if (columns === undefined) return [];
	const refuse = (detail: string, help: string, ...path: string[]): PathDiagnostic => {
		return { code: "settings-conflict", path: ["columns", ...path], at: "key", detail, help };
	};
	if (content !== "item")
		return [
			refuse(
				`Columns are of rows, and \`content: ${content}\` writes none.`,
				"Set `content: item`, or remove `columns`.",
			),
		];
	const bySchema = columns === "item-schema";
	if (bySchema && itemColumns === null)
		return [
			refuse(
				"The columns are to be those of the pipeline's item schema, and it names none.",
				"Name one by `itemSchema`, or the columns here.",
			),
		];
	const laid = layColumns(columns, itemColumns);
	return OWN_COLUMNS.filter((name) => Object.hasOwn(laid, name)).map((name) =>
		bySchema
			? refuse(`Every row has a column \`${name}\` of its own, and the item schema has one.`, "Name the others here.")
			: refuse(`Every row has a column \`${name}\` of its own.`, "Remove it here.", name),
	);
}

/** A bucket elsewhere is not used locally unless the local environment itself asks for it. */
function namedBucket(settings: S3Settings, context: PlanContext): string | undefined {
	return context.local && !context.setByEnvironment("bucket") ? undefined : settings.bucket;
}

/** S3 asks the key in the writer's name (S3 user guide, "Using server-side encryption with AWS KMS keys: Permissions"). */
function encryptStatement(kmsKey: string): Statement {
	return {
		sid: "EncryptExports",
		actions: ["kms:GenerateDataKey"],
		resources: [{ kmsKey }],
		conditions: {},
		why: "The bucket's key encrypts the objects.",
	};
}
