import { arnOf, bucketArn, literal, OWN_BUCKET, objectsArn } from "../contract/arns.ts";
import { claimCheckPrefix, deadLetterPrefix, FAILURE_DUMP_PREFIX, lakePrefix, stateScope } from "../contract/places.ts";
import type { Statement, StatementResource } from "../contract/statement.ts";
import type { Scope } from "./scope.ts";
import { sortKeys } from "./serialize.ts";
import type { PlannedFunction } from "./types.ts";

/** A function of which everything but its permissions is planned. */
type Unpermitted = Omit<PlannedFunction, "statements">;

/** All that a function's role may do: what Lambda does in its name, what its role needs, and what its kinds asked for. */
export function planStatements(planned: Unpermitted, scope: Scope, contributed: readonly Statement[]): Statement[] {
	return gather([
		...readSource(planned, scope),
		...actAsRole(planned, scope),
		...readSecrets(planned.secrets, scope),
		...contributed,
		...dumpFailures(planned),
		writeLogs(planned),
	]);
}

const allow = (
	sid: string,
	actions: string[],
	resources: StatementResource[],
	why: string,
	conditions: Statement["conditions"] = {},
): Statement => ({ sid, actions, resources, conditions, why });

/** What the mapping does with the function's role (Lambda developer guide, "Execution role permissions" of each source). */
function readSource({ source, manifest }: Unpermitted, { names, definition }: Scope): Statement[] {
	if (source.type === "dynamodb")
		return [
			allow(
				"ReadTableStream",
				["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
				[arnOf("dynamodb", `table/${manifest.table.name}/stream/*`)],
				"The mapping reads the table's stream. AWS names a stream by the time at which it was turned on; one that another view type ended is read to its end.",
			),
			...decryptTable(definition.table.kmsKey),
		];
	const stream = arnOf("kinesis", `stream/${names.stream(definition.name)}`);
	return [
		allow("ReadKinesisStream", KINESIS_READS, [stream], "The mapping reads the Kinesis stream."),
		...(source.resource === "fan-out"
			? []
			: [
					allow(
						"SubscribeToShards",
						["kinesis:SubscribeToShard"],
						[{ resource: source.resource, attribute: "arn" }],
						"The mapping is pushed the records of its enhanced fan-out consumer.",
					),
				]),
	];
}

/** Those of AWS's managed policy AWSLambdaKinesisExecutionRole that concern a stream. */
const KINESIS_READS = [
	"kinesis:DescribeStream",
	"kinesis:DescribeStreamSummary",
	"kinesis:GetRecords",
	"kinesis:GetShardIterator",
	"kinesis:ListShards",
];

function decryptTable(kmsKey: string | null): Statement[] {
	if (kmsKey === null) return [];
	return [
		allow(
			"DecryptTableStream",
			["kms:Decrypt"],
			[{ kmsKey }],
			"The table's key encrypts its stream; readers decrypt it.",
		),
	];
}

function actAsRole(planned: Unpermitted, scope: Scope): Statement[] {
	const { lake, forward, consumers } = planned.manifest;
	return [
		...(planned.source.type === "kinesis" ? [fetchClaimChecks(planned, scope)] : []),
		...(lake ? [storeInLake(lake.bucket, scope)] : []),
		...(forward ? forwardRecords(planned, forward.stream) : []),
		...(consumers.length > 0 ? keepState(planned) : []),
		...(planned.redrives.length > 0 ? redriveLetters(planned) : []),
	];
}

function fetchClaimChecks({ manifest }: Unpermitted, { definition }: Scope): Statement {
	return allow(
		"FetchClaimChecks",
		["s3:GetObject"],
		[objectsArn(manifest.operations.bucket, claimCheckPrefix(definition.name))],
		"Fetches records that were too large for Kinesis. They are named by eventID, so only their prefix is known.",
		OWN_BUCKET,
	);
}

function storeInLake(bucket: string, { definition }: Scope): Statement {
	return allow(
		"StoreInLake",
		["s3:PutObject"],
		[objectsArn(bucket, lakePrefix(definition.name))],
		"Stores every record. Objects are named by hour and content, so only the pipeline's prefix is known.",
		OWN_BUCKET,
	);
}

function forwardRecords({ manifest }: Unpermitted, stream: string): Statement[] {
	return [
		allow(
			"PutRecords",
			["kinesis:PutRecords"],
			[arnOf("kinesis", `stream/${stream}`)],
			"Forwards every record to the fan-out's stream.",
		),
		allow(
			"StoreClaimChecks",
			["s3:PutObject"],
			[objectsArn(manifest.operations.bucket, claimCheckPrefix(manifest.pipeline))],
			"Stores records that are too large for Kinesis. They are named by eventID, so only their prefix is known.",
			OWN_BUCKET,
		),
	];
}

/** The memory of a function that delivers, and where it parks. */
function keepState({ manifest }: Unpermitted): Statement[] {
	const { role, pipeline, stateTable, operations, consumers } = manifest;
	const deduplicates = consumers.some(({ deduplicationHours }) => deduplicationHours > 0);
	const scope = stateScope(manifest);
	return [
		allow(
			"KeepState",
			["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
			[arnOf("dynamodb", `table/${stateTable}`)],
			"Remembers retries, quarantines and what was delivered, in rows of its own.",
			{ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [scope] } },
		),
		...(deduplicates
			? [
					allow(
						"RememberDeliveries",
						["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
						[arnOf("dynamodb", `table/${stateTable}`)],
						"Remembers each delivery, so that it is not repeated. The rows lie by item, so only their beginning is known.",
						{ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`${scope}/*`] } },
					),
				]
			: []),
		allow(
			"ParkDeadLetters",
			["s3:PutObject"],
			// A router serves all consumers of its pipeline: one prefix says so in fewer of the policy's characters.
			[objectsArn(operations.bucket, deadLetterPrefix(pipeline, role === "router" ? undefined : consumers[0]?.name))],
			"Parks records that a consumer cannot take. They are named by item and sequence, so only their prefix is known.",
			OWN_BUCKET,
		),
	];
}

/** Finding letters takes the permission to list the bucket, which the mapping has given the role. */
function redriveLetters({ manifest, redrives }: Unpermitted): Statement[] {
	const { pipeline, stateTable, operations } = manifest;
	// As where it parks.
	const prefix = deadLetterPrefix(pipeline, manifest.role === "router" ? undefined : redrives[0]?.consumer);
	return [
		allow(
			"TakeDeadLetters",
			["s3:DeleteObject", "s3:GetObject"],
			[objectsArn(operations.bucket, prefix)],
			"Reads dead letters to deliver them, and deletes those that are delivered. They are named by item and sequence, so only their prefix is known.",
			OWN_BUCKET,
		),
		allow(
			"EndRedrive",
			["dynamodb:DeleteItem"],
			[arnOf("dynamodb", `table/${stateTable}`)],
			"Gives back the right to redrive, which one holds at a time, in a row of its own.",
			{ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [stateScope(manifest)] } },
		),
	];
}

function readSecrets(references: readonly string[], { definition }: Scope): Statement[] {
	const { kmsKey } = definition.secrets;
	const of = (store: string): string[] =>
		references.filter((each) => each.startsWith(`${store}:`)).map((each) => each.slice(store.length + 1));
	const secrets = of("secretsmanager").map(secretArn);
	const parameters = of("ssm").map(parameterArn);
	return [
		...(secrets.length === 0
			? []
			: [
					allow(
						"ReadSecrets",
						["secretsmanager:GetSecretValue"],
						secrets,
						"Reads the secrets that its consumers name. AWS adds six characters of its own to a secret's name, so they are not known.",
					),
				]),
		...(parameters.length === 0
			? []
			: [allow("ReadParameters", ["ssm:GetParameter"], parameters, "Reads the parameters that its consumers name.")]),
		...(kmsKey === null || references.length === 0
			? []
			: [allow("DecryptSecrets", ["kms:Decrypt"], [{ kmsKey }], "A key of its own encrypts what its consumers name.")]),
	];
}

/** A secret may be named by its ARN, with or without the six characters. */
function secretArn(name: string): string {
	if (!name.startsWith("arn:")) return `${arnOf("secretsmanager", `secret:${literal(name)}`)}-??????`;
	return /-[A-Za-z0-9]{6}$/.test(name) ? literal(name) : `${literal(name)}-??????`;
}

function parameterArn(name: string): string {
	return name.startsWith("arn:") ? literal(name) : arnOf("ssm", `parameter/${literal(name.replace(/^\//, ""))}`);
}

/** Lambda developer guide, "Capturing discarded batches …": both actions, and the condition. */
function dumpFailures({ mapping }: Unpermitted): Statement[] {
	const { bucket } = mapping.onFailure;
	return [
		allow(
			"DumpFailures",
			["s3:PutObject"],
			[objectsArn(bucket, FAILURE_DUMP_PREFIX)],
			"The mapping stores batches that its backstop gives up. It names them by its own UUID, which AWS chooses when it is made.",
			OWN_BUCKET,
		),
		allow(
			"FindDumpBucket",
			["s3:ListBucket"],
			[bucketArn(bucket)],
			"The mapping looks for the bucket of its dumps; a claim check that is gone is told from one that is forbidden.",
			OWN_BUCKET,
		),
	];
}

function writeLogs({ name }: Unpermitted): Statement {
	return allow(
		"WriteLogs",
		["logs:CreateLogStream", "logs:PutLogEvents"],
		[`${arnOf("logs", `log-group:/aws/lambda/${name}`)}:*`],
		"Lambda writes the function's logs. It names the streams of its log group itself.",
	);
}

/** Consumers of one function that ask for the same get one statement of all their resources: a role's policies end at 10,240 characters. */
function gather(statements: readonly Statement[]): Statement[] {
	const gathered = new Map<string, Statement>();
	for (const statement of statements) {
		const { sid, actions, conditions } = statement;
		const identity = JSON.stringify(sortKeys([sid, [...actions].sort(), conditions]));
		const before = gathered.get(identity);
		gathered.set(identity, before ? { ...before, resources: union(before.resources, statement.resources) } : statement);
	}
	return numberTwins([...gathered.values()]);
}

function union(some: readonly StatementResource[], more: readonly StatementResource[]): StatementResource[] {
	const byText = new Map([...some, ...more].map((each) => [JSON.stringify(sortKeys(each)), each]));
	return [...byText.values()];
}

/** One sid, another matter: the second is called after the first. */
function numberTwins(statements: readonly Statement[]): Statement[] {
	const seen = new Map<string, number>();
	return statements.map((statement) => {
		const count = (seen.get(statement.sid) ?? 0) + 1;
		seen.set(statement.sid, count);
		return {
			...statement,
			sid: count === 1 ? statement.sid : `${statement.sid}${count}`,
			actions: [...statement.actions].sort(),
		};
	});
}
