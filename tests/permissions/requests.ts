import type {
	BatchGetItemInput,
	BatchWriteItemInput,
	DeleteItemInput,
	GetItemInput,
	QueryInput,
	UpdateItemInput,
} from "@aws-sdk/client-dynamodb";
import type { Request } from "./iam.ts";

export const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" } as const;

export const arn = (service: string, resource: string): string =>
	`arn:aws:${service}:${PLACE.region}:${PLACE.accountId}:${resource}`;

const tableArn = (name: string | undefined): string => arn("dynamodb", `table/${name}`);
const objectArn = ({ Bucket, Key }: { Bucket: string; Key: string }): string => `arn:aws:s3:::${Bucket}/${Key}`;
const leading = (keys: (string | undefined)[]): Request["context"] => ({
	"dynamodb:LeadingKeys": [...new Set(keys.map(String))],
});

/** Whose the bucket is. */
const IN_ACCOUNT: Request["context"] = { "s3:ResourceAccount": [PLACE.accountId] };

const one = (action: string, resource: string, context: Request["context"] = {}): Request[] => [
	{ action, resource, context },
];

/**
 * The commands that the runtime sends, as requests (Service Authorization Reference: the actions, resource types and condition keys
 * of each service). One that is not here fails the test: whoever adds a call adds its permission.
 */
const COMMANDS: Readonly<Record<string, (input: never) => Request[]>> = {
	PutObjectCommand: (input: { Bucket: string; Key: string }) => one("s3:PutObject", objectArn(input), IN_ACCOUNT),
	GetObjectCommand: (input: { Bucket: string; Key: string }) => one("s3:GetObject", objectArn(input), IN_ACCOUNT),
	DeleteObjectCommand: (input: { Bucket: string; Key: string }) => one("s3:DeleteObject", objectArn(input), IN_ACCOUNT),
	ListObjectsV2Command: ({ Bucket }: { Bucket: string }) => one("s3:ListBucket", `arn:aws:s3:::${Bucket}`, IN_ACCOUNT),
	PutRecordsCommand: ({ StreamName }: { StreamName: string }) =>
		one("kinesis:PutRecords", arn("kinesis", `stream/${StreamName}`)),
	GetItemCommand: ({ TableName, Key }: GetItemInput) =>
		one("dynamodb:GetItem", tableArn(TableName), leading([Key?.scope?.S])),
	UpdateItemCommand: ({ TableName, Key }: UpdateItemInput) =>
		one("dynamodb:UpdateItem", tableArn(TableName), leading([Key?.scope?.S])),
	DeleteItemCommand: ({ TableName, Key }: DeleteItemInput) =>
		one("dynamodb:DeleteItem", tableArn(TableName), leading([Key?.scope?.S])),
	QueryCommand: ({ TableName, ExpressionAttributeValues }: QueryInput) =>
		one("dynamodb:Query", tableArn(TableName), leading([ExpressionAttributeValues?.[":scope"]?.S])),
	BatchGetItemCommand: ({ RequestItems }: BatchGetItemInput) =>
		Object.entries(RequestItems ?? {}).flatMap(([table, { Keys }]) =>
			one("dynamodb:BatchGetItem", tableArn(table), leading((Keys ?? []).map((key) => key.scope?.S))),
		),
	BatchWriteItemCommand: ({ RequestItems }: BatchWriteItemInput) =>
		Object.entries(RequestItems ?? {}).flatMap(([table, requests]) =>
			one(
				"dynamodb:BatchWriteItem",
				tableArn(table),
				leading(requests.map(({ PutRequest }) => PutRequest?.Item?.scope?.S)),
			),
		),
	// Secrets Manager user guide: AWS ends a secret's ARN in a hyphen and six random characters.
	GetSecretValueCommand: ({ SecretId }: { SecretId: string }) =>
		one("secretsmanager:GetSecretValue", arn("secretsmanager", `secret:${SecretId}-a1B2c3`)),
	GetParameterCommand: ({ Name }: { Name: string }) =>
		one("ssm:GetParameter", arn("ssm", `parameter/${Name.replace(/^\//, "")}`)),
	InvokeCommand: ({ FunctionName }: { FunctionName: string }) =>
		one(
			"lambda:InvokeFunction",
			FunctionName.startsWith("arn:") ? FunctionName : arn("lambda", `function:${FunctionName}`),
		),
};

export function requestsOf(command: { constructor: { name: string }; input: unknown }): Request[] {
	const translate = COMMANDS[command.constructor.name];
	if (!translate) throw new Error(`${command.constructor.name} is a call that no permission is known for`);
	return translate(command.input as never);
}
