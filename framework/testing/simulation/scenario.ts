import type { ItemEvent } from "../../contract/condition.ts";

/** Everything of a run that a seed decides. Plain data, so that a failing one can be cut down and shown. */
export interface Scenario {
	/** Decides what is not listed here: latencies, gaps in sequence numbers, which of the calls under a fault it strikes. */
	seed: number;
	mode: "calm" | "safety" | "liveness";
	topology: "kinesis" | "direct";
	/** Null: no lake. */
	lake: DrawnFunction | null;
	router: DrawnFunction;
	consumers: DrawnConsumer[];
	tableShards: number;
	fanOutShards: number;
	sortKey: boolean;
	/** Records until the table's sequence numbers get another digit. */
	digitsChangeAfter: number;
	/** Share of invocations that get a fresh container although a warm one is idle. */
	freshShare: number;
	/** Attempts that an SDK client makes at a call unless the code says otherwise: 3, or what AWS_MAX_ATTEMPTS says. */
	sdkAttempts: number;
	/** Above it a record travels as a claim check; far below AWS's megabyte, so that runs stay quick. */
	maxRecordBytes: number;
	writes: Write[];
	faults: Fault[];
}

export interface DrawnFunction {
	batchSize: number;
	windowSeconds: number;
	parallelization: number;
	timeoutSeconds: number;
}

export interface DrawnConsumer extends DrawnFunction {
	name: string;
	kind: "http" | "lambda" | "s3";
	when: DrawnCondition | null;
	budgetSeconds: number;
	concurrency: number;
	/** Hours for which deliveries are remembered; 0 = not at all. */
	deduplicationHours: number;
	content: "item" | "event" | "record";
	/** Records of one call, for kinds that can be told. */
	maxRecords: number;
	/** A function that goes on after a record it cannot take, and lists those; others stop there, as AWS's examples do. */
	goesOn: boolean;
	/** A receiver that never takes anything: liveness runs have one. */
	failsForever: boolean;
}

/** A condition of the language, small enough to be understood twice: by the planner and runtime, and by `selects`. */
export interface DrawnCondition {
	events: ItemEvent[] | null;
	/** Of the new image. */
	status: { op: "is" | "not"; values: string[] } | null;
	/** Of the new image: at least so much. */
	total: number | null;
	changedStatus: boolean;
}

export const SHAPES = ["plain", "exotic", "large", "no-id", "no-keys", "bad-image", "no-sequence", "foreign"] as const;
export type Shape = (typeof SHAPES)[number];

/** What a producer does to an item, or TTL to it. */
export interface Write {
	/** Milliseconds from the run's start. */
	at: number;
	item: number;
	op: "put" | "delete" | "expire";
	status: string | null;
	/** A number's text. */
	total: string | null;
	shape: Shape;
}

/** Who is called: the service behind a client, or a consumer's receiver (`receiver:<consumer>`). */
export type Target = "kinesis" | "lake" | "operations" | "state" | `receiver:${string}`;

interface Window {
	/** Milliseconds from the run's start. */
	from: number;
	to: number;
}

export type Fault =
	/** The container dies at its n-th call out: before it leaves, or when it was applied. */
	| { kind: "kill"; function: string; invocation: number; call: number; moment: "before" | "applied" }
	/** Calls to a target end otherwise than they should. */
	| ({ kind: "calls"; target: Target; how: CallFault; share: number } & Window)
	/** A shard is split; with `merge` two neighbours of the fan-out become one. */
	| { kind: "reshard"; stream: "table" | "fan-out"; at: number; merge: boolean }
	/** The mapping's poller is gone in the middle of what it does; another goes on from the checkpoint and cuts batches anew. */
	| { kind: "poller"; function: string; at: number }
	/** A batch is handed over twice at once. */
	| { kind: "twice"; function: string; invocation: number; delay: number; answer: "first" | "second" }
	/** The function is not invoked for so long. */
	| ({ kind: "throttle"; function: string } & Window)
	/** A receiver refuses the records of an item, for good or until it is mended. */
	| { kind: "poison"; consumer: string; item: number; until: number | null }
	/** An operator redrives what a consumer is owed. */
	| { kind: "redrive"; consumer: string; at: number }
	/** An operator replays to a consumer what the lake holds. */
	| { kind: "replay"; consumer: string; at: number }
	/** The wall clock of a function's containers is off by so many milliseconds. */
	| ({ kind: "skew"; function: string; by: number } & Window)
	/** Records say another creation time than their order: older by so many seconds. */
	| ({ kind: "backdated"; seconds: number } & Window)
	/** All warm containers are gone: those at work end what they do and are met by nobody again. */
	| { kind: "recycle"; function: string; at: number }
	/** A consumer's condition becomes another, the mapping's filter so much later than the function. */
	| { kind: "change"; consumer: string; at: number; when: DrawnCondition | null; filterDelay: number }
	/** Somebody else puts a record into the fan-out's stream that is none of ours. */
	| { kind: "foreign"; at: number; what: "text" | "bytes" | "json" | "list" | "aggregate" }
	/** A consumer is added or removed while everything runs. */
	| { kind: "join" | "leave"; consumer: string; at: number };

export type CallFault =
	/** An error, nothing was done. */
	| "refused"
	/** The service asks for less: 429 with Retry-After, or a throttling error. */
	| "throttled"
	/** It was done, and the answer is an error or lost. */
	| "lost"
	/** No answer; it is done later, if at all before the next. */
	| "late"
	/** Nothing is done, and that is heard only when nobody waits any more. */
	| "hangs"
	| "slow"
	/** Part of it is done and the answer says which. */
	| "partial";
