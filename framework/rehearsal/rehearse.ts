import type { StreamRecord } from "../contract/dynamodb.ts";
import type { SourceEvent } from "../local/source.ts";
import { virtualClock } from "../local/virtual-clock.ts";
import type { DeadLetter } from "../runtime/dead-letters.ts";
import type { Delivery } from "../runtime/observer.ts";
import type { Effect } from "./outside.ts";
import { createStage, type Stage, type StageWish, settle } from "./stage.ts";
import { createTable, type Write } from "./table.ts";

export type Step =
	| Write
	/** A record as the stream has it: a fixture. */
	| { type: "record"; record: StreamRecord }
	/** Time passes, after everything so far has gone as far as it goes. */
	| { type: "wait"; seconds: number };

export interface RehearsalWish extends StageWish {
	steps: readonly Step[];
	/** Epoch milliseconds. */
	now: number;
}

export interface RehearsalResult {
	/** What the stream got, in order. */
	records: StreamRecord[];
	/** Every outcome of every attempt, by consumer, the lake's and the router's left out. */
	deliveries: Delivery[];
	effects: ReadonlyMap<string, readonly Effect[]>;
	deadLetters: DeadLetter[];
	/** Lines of the lake's objects. */
	lake: ReadonlyMap<string, readonly string[]>;
	/** Failures that no attempt used up, by consumer. */
	unusedFailures: ReadonlyMap<string, number>;
	troubles: string[];
}

/**
 * Runs a pipeline's functions on what a test gives, with nothing of the outside and in no time: the runtime's own handlers, fed by
 * event source mappings with the plan's settings and filters, on a clock that moves when everything waits for it.
 */
export async function rehearse(wish: RehearsalWish): Promise<RehearsalResult> {
	const clock = virtualClock(wish.now);
	const stage = createStage(wish, clock);
	const table = createTable(stage.manifest.table, wish.now);
	for (const step of wish.steps) {
		if (step.type === "wait") {
			await settle(stage, clock);
			clock.advance(step.seconds * 1000);
			continue;
		}
		const record = step.type === "record" ? step.record : table.write(step, clock.now());
		if (record === null) continue;
		stage.result.records.push(record);
		stage.tableStream.push(eventOf(record, stage, clock.now()));
	}
	await settle(stage, clock);
	const consumers = [...wish.failures.keys()];
	return {
		...stage.result,
		effects: stage.outside.effects,
		lake: stage.platform.lake,
		unusedFailures: new Map(consumers.map((consumer) => [consumer, stage.outside.failuresLeft(consumer)])),
	};
}

/** A record as the stream hands it on. A fixture may have no number, or one that was given before: then it gets one of its own. */
function eventOf(record: StreamRecord, { numbers }: Stage, arrivedAt: number): SourceEvent {
	const { SequenceNumber } = record.dynamodb;
	const sequenceNumber =
		SequenceNumber === undefined || numbers.has(SequenceNumber)
			? `9${String(numbers.size).padStart(20, "0")}`
			: SequenceNumber;
	numbers.add(sequenceNumber);
	const placed = { ...record, dynamodb: { ...record.dynamodb, SequenceNumber: sequenceNumber } };
	return { sequenceNumber, arrivedAt, json: JSON.stringify(placed) };
}
