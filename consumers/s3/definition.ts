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

With \`columns\`, or an item schema of the pipeline, the objects hold rows that all have the same columns, and end in \`.json\`, as
QuickSight's guide has it.

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
		const { kmsKey, columns: _, ...rest } = settings;
		const columns = layColumns(settings, context.itemColumns);
		return {
			settings: { ...rest, ...(columns && { columns }), bucket, prefix },
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

function checkColumns(settings: S3Settings, itemColumns: CheckContext["itemColumns"]): PathDiagnostic[] {
	const { content, columns } = settings;
	const refuse = (detail: string, help: string, ...path: string[]): PathDiagnostic => {
		return { code: "settings-conflict", path: ["columns", ...path], at: "key", detail, help };
	};
	if (content !== "item") {
		const detail = `Columns are of rows, and \`content: ${content}\` writes none.`;
		return columns === undefined ? [] : [refuse(detail, "Set `content: item`, or remove `columns`.")];
	}
	const bySchema = columns === undefined || columns === "item-schema";
	if (bySchema && itemColumns === null)
		return [
			columns === undefined
				? NO_COLUMNS
				: refuse(
						"The columns are to be those of the pipeline's item schema, and it names none.",
						"Name one by `itemSchema`, or the columns here.",
					),
		];
	const laid = layColumns(settings, itemColumns) ?? {};
	return OWN_COLUMNS.filter((name) => Object.hasOwn(laid, name)).map((name) => {
		const detail = `Every row has a column \`${name}\` of its own`;
		if (!bySchema) return refuse(`${detail}.`, "Remove it here.", name);
		const path = columns === undefined ? { path: ["content"] } : {};
		return { ...refuse(`${detail}, and the item schema has one.`, "Name the others by `columns`."), ...path };
	});
}

/** Nothing is wrong with it for most readers. */
const NO_COLUMNS: PathDiagnostic = {
	code: "rows-without-columns",
	path: ["content"],
	at: "value",
	detail: "Without columns each row has the attributes of its item. QuickSight wants the same columns in all files.",
	help: "Name them by `columns`, or by an `itemSchema` of the pipeline; or say `columns: as-found` if no reader minds.",
};

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
