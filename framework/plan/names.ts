import { createHash } from "node:crypto";

/**
 * Longest names. Lambda API reference, CreateFunction (without the ARN); DynamoDB API reference, CreateTable;
 * Kinesis Data Streams API reference, CreateStream and RegisterStreamConsumer; S3 user guide, "Bucket naming rules";
 * CloudWatch API reference, PutMetricAlarm and PutDashboard; EventBridge Scheduler API reference, CreateSchedule, as IAM API reference, CreateRole; Glue API reference, DatabaseInput; Athena API reference, NamedQuery and WorkGroup.
 */
export const NAME_LIMITS = {
	function: 64,
	table: 255,
	stream: 128,
	bucket: 63,
	schedule: 64,
	alarm: 255,
	dashboard: 255,
	database: 255,
	query: 128,
} as const;

/** Characters that the tokens of a bucket's name stand for: an account's number and a long region, `ap-southeast-2`. */
export const TOKEN_LENGTHS = { "${accountId}": 12, "${region}": 14 } as const;

const HASH_LENGTH = 10;

/** What every name begins with, unless the environment's configuration says otherwise. */
export const DEFAULT_NAME_PREFIX = "tributary";

/** Short enough to stay whole in the shortest name, a bucket's; one word, so that where it ends can be seen. */
export const NAME_PREFIX = /^[a-z][a-z0-9]{0,19}$/;

/** Physical names of one environment. */
export interface Names {
	/** Of a function: `<prefix>-<environment>-<pipeline>--<function>`. */
	function(pipeline: string, id: string): string;
	/** Of a pipeline's table: `<prefix>-<environment>-<pipeline>`. */
	table(pipeline: string): string;
	/** Of the environment's state table: `<prefix>-<environment>--state`. */
	stateTable(): string;
	/** Of a pipeline's Kinesis stream: `<prefix>-<environment>-<pipeline>`. */
	stream(pipeline: string): string;
	/** Of an enhanced fan-out consumer: `<prefix>-<environment>-<pipeline>--<consumer>`. */
	streamConsumer(pipeline: string, consumer: string): string;
	/** Of a schedule and its role: `<prefix>-<environment>-<pipeline>--<what it is for>`. */
	schedule(pipeline: string, what: string): string;
	/** Of an alarm: `<prefix>-<environment>-<pipeline>--<function or consumer>--<what it watches>`. */
	alarm(pipeline: string, of: string, watches: string): string;
	/** Of a pipeline's dashboard: `<prefix>-<environment>-<pipeline>`. */
	dashboard(pipeline: string): string;
	/** Of a pipeline's database: `<prefix>_<environment>_<pipeline>`, since names with hyphens would have to be quoted in SQL. */
	database(pipeline: string): string;
	/** Of a query that is offered: `<prefix>-<environment>-<pipeline>--<query>`. */
	namedQuery(pipeline: string, id: string): string;
	/** Of the environment's workgroup: `<prefix>-<environment>--lake`. */
	workGroup(): string;
	/** Of a bucket: `<prefix>-<environment>-<id>-${accountId}-${region}`, since buckets are named worldwide. */
	bucket(id: string): string;
}

/** The names of an environment. The prefix matches `NAME_PREFIX`. */
export function namesOf(environment: string, prefix = DEFAULT_NAME_PREFIX): Names {
	if (!NAME_PREFIX.test(prefix)) throw new Error(`${prefix} is no prefix of names`);
	const compose = (limit: number, pipeline?: string, part?: string): string =>
		composeName({ prefix, environment, pipeline, part }, limit);
	return {
		function: (pipeline, id) => compose(NAME_LIMITS.function, pipeline, id),
		table: (pipeline) => compose(NAME_LIMITS.table, pipeline),
		stateTable: () => compose(NAME_LIMITS.table, undefined, "state"),
		stream: (pipeline) => compose(NAME_LIMITS.stream, pipeline),
		streamConsumer: (pipeline, consumer) => compose(NAME_LIMITS.stream, pipeline, consumer),
		schedule: (pipeline, what) => compose(NAME_LIMITS.schedule, pipeline, what),
		alarm: (pipeline, of, watches) => compose(NAME_LIMITS.alarm, pipeline, `${of}--${watches}`),
		dashboard: (pipeline) => compose(NAME_LIMITS.dashboard, pipeline),
		database: (pipeline) => compose(NAME_LIMITS.database, pipeline).replaceAll("-", "_"),
		namedQuery: (pipeline, id) => compose(NAME_LIMITS.query, pipeline, id),
		workGroup: () => compose(NAME_LIMITS.query, undefined, "lake"),
		bucket(id) {
			const tokens = Object.values(TOKEN_LENGTHS).reduce((sum, length) => sum + length + 1, 0);
			return [compose(NAME_LIMITS.bucket - tokens, id), ...Object.keys(TOKEN_LENGTHS)].join("-");
		},
	};
}

interface NameParts {
	prefix: string;
	environment: string;
	pipeline: string | undefined;
	part: string | undefined;
}

/**
 * The one law of names. Pipelines and parts are words joined by single hyphens that begin with a letter, so two hyphens
 * before a part and a digit before a hash make every name readable in one way only: distinct inputs, distinct names.
 */
function composeName({ prefix, environment, pipeline, part }: NameParts, limit: number): string {
	const stem = [prefix, slug(environment), ...(pipeline === undefined ? [] : [pipeline])].join("-");
	const name = part === undefined ? stem : `${stem}--${part}`;
	// Of several words, where the environment ends and the pipeline begins could be read in two ways.
	if (/^[a-z0-9]+$/.test(environment) && name.length <= limit) return name;
	const identity = JSON.stringify([environment, pipeline ?? null, part ?? null]);
	const ending = `--0${createHash("sha256").update(identity).digest("hex").slice(0, HASH_LENGTH)}`;
	return `${name.slice(0, limit - ending.length).replace(/-+$/, "")}${ending}`;
}

/** Pulumi takes stacks in capitals, with points and underscores; S3 takes none of them. */
function slug(environment: string): string {
	return environment
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-|-$/g, "");
}
