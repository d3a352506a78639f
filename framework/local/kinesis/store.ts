import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AwsError, type JsonInput } from "../aws-json.ts";
import type { Clock } from "../clock.ts";
import { optionalText, validationError } from "./input.ts";
import { shardSequence } from "./sequence.ts";
import { openShard, type ShardLog } from "./shard.ts";

/** What is said of a stream; its file. Times are epoch milliseconds. */
export interface StreamSettings {
	name: string;
	createdAt: number;
	mode: "PROVISIONED" | "ON_DEMAND";
	shardCount: number;
	retentionHours: number;
	maxRecordKiB: number;
	tags: Record<string, string>;
	consumers: { name: string; createdAt: number }[];
}

export interface Stream {
	arn: string;
	settings: StreamSettings;
	shards: ShardLog[];
	/** Epoch milliseconds before which records are trimmed, now. */
	horizon(): number;
	watchers: Set<() => void>;
}

export interface StreamStore {
	clock: Clock;
	all(): Stream[];
	find(arn: string): Stream | null;
	/** The stream that a request names by StreamName or StreamARN. */
	named(input: JsonInput): Stream;
	create(settings: StreamSettings): void;
	/** Writes changed settings down. */
	save(stream: Stream): void;
	delete(stream: Stream): void;
	close(): void;
}

export interface StoreOptions {
	/** null = memory only. */
	dataDir: string | null;
	clock: Clock;
	region: string;
	accountId: string;
}

const SETTINGS_FILE = "stream.json";
/** `.` and `..` are names of streams as well. */
const folderOf = (name: string): string => `stream-${name}`;

export const shardId = (index: number): string => `shardId-${String(index).padStart(12, "0")}`;

/** Streams by ARN, each in a folder of its own: its settings and a file a shard. */
export function openStore({ dataDir, clock, region, accountId }: StoreOptions): StreamStore {
	const streams = new Map<string, Stream>();
	const arnOf = (name: string): string => `arn:aws:kinesis:${region}:${accountId}:stream/${name}`;
	const dirOf = (name: string): string | null => dataDir && join(dataDir, folderOf(name));
	const open = (settings: StreamSettings): void => {
		const arn = arnOf(settings.name);
		const horizon = (): number => clock.now() - settings.retentionHours * 3_600_000;
		const dir = dirOf(settings.name);
		const shards = Array.from({ length: settings.shardCount }, (_, index) =>
			openShard({
				id: shardId(index),
				sequence: shardSequence(settings.createdAt, index),
				file: dir && join(dir, `${shardId(index)}.ndjson`),
				horizon: horizon(),
			}),
		);
		streams.set(arn, { arn, settings, shards, horizon, watchers: new Set() });
	};
	const save = ({ settings }: Pick<Stream, "settings">): void => {
		const dir = dirOf(settings.name);
		if (dir !== null) writeSettings(dir, settings);
	};
	for (const settings of dataDir === null ? [] : readAllSettings(dataDir)) open(settings);
	return {
		clock,
		all: () => [...streams.values()].sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1)),
		find: (arn) => streams.get(arn) ?? null,
		named(input) {
			const [name, arn] = [optionalText(input, "StreamName"), optionalText(input, "StreamARN")];
			if (name === null && arn === null) throw validationError("StreamName or StreamARN is required.");
			const stream = streams.get(arn ?? arnOf(name ?? ""));
			if (!stream || (name !== null && stream.settings.name !== name))
				throw notFound(`Stream ${name ?? arn} under account ${accountId} not found.`);
			return stream;
		},
		create(settings) {
			if (streams.has(arnOf(settings.name)))
				throw new AwsError(
					"ResourceInUseException",
					`Stream ${settings.name} under account ${accountId} already exists.`,
				);
			save({ settings });
			open(settings);
		},
		save,
		delete(stream) {
			streams.delete(stream.arn);
			for (const shard of stream.shards) shard.close();
			const dir = dirOf(stream.settings.name);
			if (dir !== null) rmSync(dir, { recursive: true, force: true });
			for (const watcher of stream.watchers) watcher();
		},
		close() {
			for (const { shards } of streams.values()) for (const shard of shards) shard.close();
		},
	};
}

export const notFound = (message: string): AwsError => new AwsError("ResourceNotFoundException", message);

function writeSettings(dir: string, settings: StreamSettings): void {
	mkdirSync(dir, { recursive: true });
	const file = join(dir, SETTINGS_FILE);
	writeFileSync(`${file}.new`, JSON.stringify(settings));
	renameSync(`${file}.new`, file);
}

function readAllSettings(dataDir: string): StreamSettings[] {
	mkdirSync(dataDir, { recursive: true });
	return readdirSync(dataDir).flatMap((folder) => {
		const file = join(dataDir, folder, SETTINGS_FILE);
		try {
			return [JSON.parse(readFileSync(file, "utf8")) as StreamSettings];
		} catch (error) {
			// Killed before its settings were written: nobody was told of it.
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
			throw error;
		}
	});
}
