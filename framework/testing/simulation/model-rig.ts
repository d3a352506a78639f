import type { Invocation } from "../../local/functions/invocation.ts";
import type { Checkpoint } from "../../local/mapping/checkpoints.ts";
import { startMapping } from "../../local/mapping/start-mapping.ts";
import type { RunningMapping, Throttled } from "../../local/mapping/types.ts";
import type { Mapping } from "../../plan/types.ts";
import { MAPPING_SETTINGS } from "../mapping-settings.ts";
import { chanceOf } from "./random.ts";
import { createScheduler } from "./scheduler.ts";
import { createStreamModel } from "./stream-model.ts";

interface RigWish {
	/** Records on the stream at the start. */
	writes: number;
	settings?: Partial<Mapping>;
}

/** The model's streams and mapping, without the pipeline: to hold them against what is known from AWS. */
export interface Rig {
	/** Numbers of the records of each invocation. */
	batches: number[][];
	// biome-ignore lint/suspicious/noExplicitAny: dumps as Lambda writes them.
	dumps: any[];
	/** What the function does with a batch: answers, or throws. */
	answer: (batch: number[]) => unknown;
	/** Milliseconds from the start. */
	throttledUntil: number;
	numberOf(record: number): string;
	write(count: number): void;
	split(): void;
	pass(milliseconds: number): Promise<unknown>;
	/** Starts the mapping, and plays until it has nothing left to do. */
	settle(): Promise<unknown>;
}

export function createRig({ writes, settings = {} }: RigWish): Rig {
	const clock = createScheduler(0);
	const chance = chanceOf(1, "rig");
	const stream = createStreamModel({
		arn: "arn:stream",
		shards: 1,
		clock,
		chance,
		first: 10n ** 20n,
		gap: 10n ** 19n,
		retentionHours: 24,
	});
	const numbers: string[] = [];
	const positions = new Map<string, Checkpoint>();
	const invoke = async (records: readonly string[]): Promise<Invocation | Throttled> => {
		if (clock.now() < rig.throttledUntil) return { status: "throttled" };
		const batch = records.map((text) => numbers.indexOf(JSON.parse(text).dynamodb.SequenceNumber));
		rig.batches.push(batch);
		const requestId = `request-${rig.batches.length}`;
		try {
			return { requestId, status: "answered", response: rig.answer(batch) };
		} catch (error) {
			return { requestId, status: "failed", error: String(error) };
		}
	};
	const rig: Rig = {
		batches: [],
		dumps: [],
		answer: () => null,
		throttledUntil: 0,
		numberOf: (record) => numbers[record] ?? "",
		write(count) {
			for (let index = 0; index < count; index++)
				stream.append(chance.integer(0, 2 ** 31), clock.now(), (sequenceNumber) => {
					numbers.push(sequenceNumber);
					return JSON.stringify({ dynamodb: { SequenceNumber: sequenceNumber } });
				});
		},
		split: () => void stream.reshard(chance, false),
		pass: (milliseconds) => clock.run(clock.now() + milliseconds, 10_000),
		settle() {
			const mapping: RunningMapping = startMapping({
				id: "00000000-0000-0000-0000-000000000000",
				source: stream,
				sourceType: "dynamodb",
				streamArn: stream.arn,
				functionArn: "arn:function",
				settings: { ...MAPPING_SETTINGS, ...settings },
				filters: [],
				checkpoints: {
					startedAt: 0,
					get: (shardId) => positions.get(shardId),
					set: (shardId, checkpoint) => void positions.set(shardId, checkpoint),
					keepOnly() {},
					flush: async () => {},
				},
				clock,
				invoke,
				putFailure: async (_key, body) => void rig.dumps.push(JSON.parse(body)),
			});
			const end = clock.now() + 3_600_000;
			return clock.run(end, 10_000, () => clock.now() > 1000 && mapping.idle());
		},
	};
	rig.write(writes);
	return rig;
}
