import type { Mapping } from "../../plan/types.ts";
import type { Clock } from "../clock.ts";
import type { Invocation } from "../functions/invocation.ts";
import type { ShardedSource } from "../source.ts";
import type { Checkpoints } from "./checkpoints.ts";

/** The function was not invoked at all: it was throttled, or its role was refused. */
export interface Throttled {
	status: "throttled";
}

/** What a mapping tells of one invocation, for logs and tests. */
export interface BatchReport {
	shardId: string;
	records: number;
	/** Records that the answer acknowledged; 0 for a function error. */
	acknowledged: number;
	error: string | null;
	milliseconds: number;
}

export interface MappingOptions {
	/** Identity of the mapping, in the shape of a UUID: names its dumps. */
	id: string;
	source: ShardedSource;
	sourceType: "dynamodb" | "kinesis";
	streamArn: string;
	functionArn: string;
	settings: Mapping;
	/** Patterns, ORed; empty = every record. */
	filters: readonly object[];
	/** Where positions are kept. */
	checkpoints: Checkpoints;
	clock: Clock;
	/** Takes the members of `Records`, as JSON texts. Never rejects. */
	invoke(records: readonly string[]): Promise<Invocation | Throttled>;
	/** Writes a dump to the on-failure bucket. */
	putFailure(key: string, body: string): Promise<void>;
	onBatch?(report: BatchReport): void;
	/** Called when the stream can no longer be read, because it was deleted; the mapping stands still from then on. */
	onSourceLost?(error: Error): void;
	/** Called when there is nothing left to read, waiting or in flight. */
	onIdle?(): void;
}

export interface RunningMapping {
	/** Nothing to read, nothing waiting, nothing in flight. */
	idle(): boolean;
	/** Hands on what was there when it was called, without waiting for windows or retries, and stops. */
	drain(): Promise<void>;
}
