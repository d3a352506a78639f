import { type JsonOperations, serveAwsJson } from "../aws-json.ts";
import type { Clock } from "../clock.ts";
import type { LocalService } from "../http.ts";
import type { ShardedSource } from "../source.ts";
import { openChangeLog } from "./change-log.ts";
import { type Changes, captureChanges, recordChanges } from "./changes.ts";
import { queueCommits } from "./commits.ts";
import type { Context } from "./context.ts";
import { type DynaliteOperation, perform } from "./dynalite-operations.ts";
import { recover } from "./recover.ts";
import { openSettings } from "./settings.ts";
import { streamsSource } from "./source.ts";
import { openStore } from "./store.ts";
import { openStreams } from "./streams.ts";
import { streamsOperations } from "./streams-api.ts";
import { startSweeper } from "./sweeper.ts";
import { settingsOperations } from "./table-settings.ts";
import { tableOperations } from "./tables.ts";
import { transactionOperations } from "./transactions.ts";
import { writeItem } from "./write-item.ts";

export interface DynamoDbOptions {
	/** null = in memory. */
	dataDir: string | null;
	clock: Clock;
	region: string;
	accountId: string;
	/** Shards of each new stream; 1 if absent. */
	shardCount?: number;
}

export interface RunningDynamoDb {
	/** DynamoDB and DynamoDB Streams, told apart by the operation. */
	service: LocalService;
	/** What was changed, for as long as the folder is there. */
	changeLog: LocalService;
	/** The streams as event source mappings read them. */
	source: ShardedSource;
	close(): Promise<void>;
}

/** Starts DynamoDB with Streams in this process: dynalite, and what it lacks. What is in `dataDir` is there again. */
export async function startDynamoDb(options: DynamoDbOptions): Promise<RunningDynamoDb> {
	const context = await openContext(options);
	const { store, streams, settings, sweeper, commits } = context;
	await recover(context);
	for (const table of settings.tables()) await sweeper.adopt(table);
	return {
		service: serveAwsJson({
			...dynaliteOperations(context),
			...tableOperations(context),
			...settingsOperations(context),
			...(await transactionOperations(context)),
			...streamsOperations(streams, options.clock),
		}),
		changeLog: context.changeLog.service,
		source: streamsSource(streams),
		async close() {
			await sweeper.close();
			await commits.settled();
			await store.db.close();
		},
	};
}

async function openContext({ clock, shardCount = 1, ...options }: DynamoDbOptions): Promise<Context> {
	const store = await openStore(options);
	const commits = queueCommits(store);
	const changeLog = await openChangeLog(store, clock);
	const streams = await openStreams({ ...options, store, commits, changeLog, clock, shardCount });
	const settings = await openSettings(store);
	const sweeper = startSweeper({ store, clock, settings, changes: () => changes });
	const changes: Changes = recordChanges(commits, streams, sweeper.onChange);
	const captured = captureChanges(store, changes);
	return { store, captured, commits, changes, changeLog, streams, settings, sweeper, clock };
}

const READS = ["BatchGetItem", "DescribeTable", "GetItem", "ListTables", "Query", "Scan"] as const;
const TAGS = ["ListTagsOfResource", "TagResource", "UntagResource"] as const;
const WRITES = ["DeleteItem", "PutItem", "UpdateItem"] as const;

function dynaliteOperations({ store, captured }: Context): JsonOperations {
	const serve = <Name extends DynaliteOperation>(names: readonly Name[], run: (name: Name) => JsonOperations[string]) =>
		names.map((name) => [name, run(name)] as const);
	return Object.fromEntries([
		...serve([...READS, ...TAGS], (name) => (input) => perform(store, name, input)),
		...serve(WRITES, (name) => (input) => writeItem(captured, name, input)),
		...serve(["BatchWriteItem"], (name) => (input) => perform(captured, name, input)),
	]);
}
