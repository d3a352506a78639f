import { hash } from "node:crypto";
import type { AnyDeliverer } from "../contract/deliver.ts";
import type { StreamRecord } from "../contract/dynamodb.ts";
import { bindManifest } from "../contract/manifest.ts";
import { runHandler } from "../local/functions/plain-function.ts";
import type { Checkpoint, Checkpoints } from "../local/mapping/checkpoints.ts";
import { startMapping } from "../local/mapping/start-mapping.ts";
import type { RunningMapping } from "../local/mapping/types.ts";
import type { VirtualClock } from "../local/virtual-clock.ts";
import type { PipelinePlan, PlannedFunction } from "../plan/types.ts";
import type { DeadLetter } from "../runtime/dead-letters.ts";
import { createHandler } from "../runtime/handler.ts";
import type { Dependencies } from "../runtime/invocation.ts";
import { createMemoryState } from "../runtime/memory-state.ts";
import { type Delivery, skippedDelivery } from "../runtime/observer.ts";
import { createOutside, type Failure, type Outside } from "./outside.ts";
import { createPlatform, type Platform } from "./platform.ts";
import { createStream, type RehearsalStream } from "./stream.ts";
import { REHEARSAL_ACCOUNT, REHEARSAL_REGION } from "./table.ts";

/** Turns of the clock in one rehearsal: ten seconds each at least while something is retried, so days beyond any budget. */
const MOST_TURNS = 50_000;

/** A pipeline's functions with their mappings, streams and surroundings, ready to run. */
export interface Stage {
	manifest: PlannedFunction["manifest"];
	tableStream: RehearsalStream;
	platform: Platform;
	outside: Outside;
	mappings: RunningMapping[];
	/** Sequence numbers on the table's stream. */
	numbers: Set<string>;
	/** Invocations in flight, and how many of them only wait for the clock. */
	activity: { running: number; sleeping: number };
	result: { records: StreamRecord[]; deliveries: Delivery[]; deadLetters: DeadLetter[]; troubles: string[] };
}

export interface StageWish {
	pipeline: PipelinePlan;
	deliverers: Readonly<Record<string, AnyDeliverer>>;
	/** For each consumer: how its first attempts at the outside are answered. */
	failures: ReadonlyMap<string, readonly Failure[]>;
}

export function createStage({ pipeline, deliverers, failures }: StageWish, clock: VirtualClock): Stage {
	const first = pipeline.functions[0];
	if (!first) throw new Error(`the plan of ${pipeline.name} has no function`);
	const fanOut = createStream();
	const stage: Stage = {
		manifest: first.manifest,
		tableStream: createStream(),
		platform: createPlatform(fanOut, clock.now),
		outside: createOutside(deliverers, failures),
		mappings: [],
		numbers: new Set(),
		activity: { running: 0, sleeping: 0 },
		result: { records: [], deliveries: [], deadLetters: [], troubles: [] },
	};
	for (const planned of pipeline.functions)
		stage.mappings.push(
			startFunction(planned, planned.source.type === "kinesis" ? fanOut : stage.tableStream, stage, clock),
		);
	return stage;
}

function startFunction(
	planned: PlannedFunction,
	source: RehearsalStream,
	stage: Stage,
	clock: VirtualClock,
): RunningMapping {
	const bindings = { accountId: REHEARSAL_ACCOUNT, region: REHEARSAL_REGION, receiver: "http://127.0.0.1" };
	const handler = createHandler(bindManifest(planned.manifest, bindings), dependencies(planned, stage, clock));
	const container = runHandler(handler, planned.timeoutSeconds, clock);
	const { activity } = stage;
	return startMapping({
		id: hash("md5", planned.name),
		source,
		sourceType: planned.source.type,
		streamArn: planned.source.resource,
		functionArn: planned.name,
		settings: planned.mapping,
		filters: planned.filters,
		checkpoints: memoryCheckpoints(clock.now()),
		clock,
		async invoke(records) {
			activity.running += 1;
			try {
				return await container.invoke(`{"Records":[${records.join(",")}]}`);
			} finally {
				activity.running -= 1;
			}
		},
		async putFailure(key) {
			stage.result.troubles.push(`The mapping of ${planned.id} gave a batch up: ${key}`);
		},
	});
}

function dependencies(
	planned: PlannedFunction,
	{ platform, outside, activity, result }: Stage,
	clock: VirtualClock,
): Dependencies {
	return {
		deliverers: outside.deliverers,
		client: platform.client,
		fetch: async () => new Response(null, { status: 200 }),
		secret: async (reference) => `whsec_${Buffer.from(hash("sha256", reference)).toString("base64")}`,
		now: clock.now,
		random: () => 0.5,
		async sleep(milliseconds) {
			activity.sleeping += 1;
			await new Promise<void>((resolve) => clock.after(milliseconds, resolve));
			activity.sleeping -= 1;
		},
		timeout: () => new AbortController().signal,
		state: createMemoryState(),
		deadLetters: { park: async (letter) => void result.deadLetters.push(letter) },
		observer: {
			begin() {},
			delivery: (delivery) => {
				if (planned.consumers.includes(delivery.consumer)) result.deliveries.push(delivery);
			},
			skipped: (...skip) => void result.deliveries.push(skippedDelivery(...skip)),
			writer() {},
			trouble: (message) => void result.troubles.push(message),
			flush() {},
		},
	};
}

function memoryCheckpoints(startedAt: number): Checkpoints {
	const positions = new Map<string, Checkpoint>();
	return {
		startedAt,
		get: (shardId) => positions.get(shardId),
		set: (shardId, checkpoint) => void positions.set(shardId, checkpoint),
		keepOnly() {},
		flush: async () => {},
	};
}

/** Until nothing is left to do: whoever works is waited for, and when all only wait for the clock, it moves. */
export async function settle({ mappings, activity }: Stage, clock: VirtualClock): Promise<void> {
	for (let turn = 0; turn < MOST_TURNS; turn++) {
		do await new Promise((resolve) => setImmediate(resolve));
		while (activity.running > activity.sleeping);
		if (mappings.every((mapping) => mapping.idle())) return;
		clock.advanceToNext();
	}
	throw new Error(
		`The pipeline does not come to rest: after ${MOST_TURNS} turns of the clock something is still tried again.`,
	);
}
